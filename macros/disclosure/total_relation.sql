{% macro total_relation(layer, table, dimension, level) -%}
    {%- set levels = levels_of(table) -%}
    {%- set of_dimension = linked_tables()[table][dimension] -%}
    {%- set one_of = adds_for_each().get(level) -%}
    select
        {{ cell_id(levels | reject('in', [level, one_of]) | list) }} as total_cell_id,
        '{{ level }} of ' || {{ one_of ~ " || ' of ' || " if one_of }}total_cell_id as relation_id,
        {{ cell_id(levels) }} as part_cell_id,
        {{ block_of(table) }} as block,
        true as part_is_published,
        {{ dimension in people_add_over() }} as people_adds,
        {{ level == 'icb_code' }} as across_readers
    from {{ ref(layer ~ '_' ~ table) }}
    where
        {{ level }} <> 'ALL'
        {%- for deeper in of_dimension[of_dimension.index(level) + 1:] %}
        and {{ deeper }} = 'ALL'
        {%- endfor %}
{%- endmacro %}

{% macro relations_of_linked_tables(layer) -%}
    {%- set of_no_parts = always_given() + adds_for_each().values() | list -%}
    {%- set relations = [] -%}
    {%- for table, dimensions in linked_tables().items() -%}
        {%- for dimension, levels in dimensions.items() -%}
            {%- for level in levels | reject('in', of_no_parts) -%}
                {%- do relations.append(total_relation(layer, table, dimension, level)) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do relations.append(rows_of_activity(layer)) -%}
    {{ relations | join('\n    union\n    ') }}
{%- endmacro %}
