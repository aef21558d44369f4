{% macro published_cells() %}
    {%- for table in linked_tables() %}
    select
        {{ cell_id(levels_of(table)) }} as cell_id,
        status,
        records,
        people,
        bed_days
    from {{ ref('mart_' ~ table) }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
{% endmacro %}
