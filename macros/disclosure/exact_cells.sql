{% macro exact_cells(table, records) -%}
    select
        {%- for level in levels_of(table) %}
        {{ level if level in always_given() else "coalesce(" ~ level ~ ", 'ALL') as " ~ level }},
        {%- endfor %}
        count(*) as records,
        count(distinct person_key) as people,
        sum(bed_days)::bigint as bed_days
    from {{ records }}
    group by
        {{ levels_of(table) | select('in', always_given()) | join(', ') }}
        {%- for levels in linked_tables()[table].values() if levels | reject('in', always_given()) | list %},
        rollup({{ levels | reject('in', always_given()) | join(', ') }})
        {%- endfor %}
{%- endmacro %}

{% macro cells_of_linked_tables() -%}
    {%- for table in linked_tables() %}
    select
        {{ cell_id(levels_of(table)) }} as cell_id,
        {{ block_of(table) }} as block,
        true as is_published,
        {%- for measure in ['people', 'records', 'bed_days'] %}
        {{ measure if measure in measures_of(table) else 'null::bigint' }} as {{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('cube_' ~ table) }}
    {{ "union" if not loop.last }}
    {%- endfor %}
{%- endmacro %}
