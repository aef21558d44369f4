{% macro exact_cells(table, records) -%}
    select
        {%- for level in levels_of(table) %}
        {{ level if level == always_given() else "coalesce(" ~ level ~ ", 'ALL') as " ~ level }},
        {%- endfor %}
        count(*) as records,
        count(distinct person_key) as people,
        sum(bed_days)::bigint as bed_days
    from {{ records }}
    group by
        {{ always_given() }}
        {%- for levels in linked_tables()[table].values() if levels != [always_given()] %},
        rollup({{ levels | reject('equalto', always_given()) | join(', ') }})
        {%- endfor %}
{%- endmacro %}

{% macro cells_of_linked_tables() -%}
    {%- for table in linked_tables() %}
    select
        {{ cell_id(levels_of(table)) }} as cell_id,
        {{ always_given() }} as block,
        people,
        records,
        bed_days
    from {{ ref('cube_' ~ table) }}
    {{ "union" if not loop.last }}
    {%- endfor %}
{%- endmacro %}
