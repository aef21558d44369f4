{% macro published_cells() %}
    {%- for table in linked_tables() %}
    select
        {{ cell_id(levels_of(table)) }} as cell_id,
        status,
        unnest(['{{ measures_of(table) | join("', '") }}']) as measure,
        unnest([{{ measures_of(table) | join(', ') }}]) as shown
    from {{ ref('mart_' ~ table) }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
{% endmacro %}

{% macro exact_counts() %}
    select
        cell_id,
        is_published,
        measure,
        counted
    from (
        select
            cell_id,
            is_published,
            unnest(['people', 'records', 'bed_days']) as measure,
            unnest([people, records, bed_days]) as counted
        from {{ ref('sdc_cell') }}
    )
    where counted is not null
{% endmacro %}
