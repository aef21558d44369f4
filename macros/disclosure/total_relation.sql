{% macro total_relation(layer, table, dimension, level) -%}
    {%- set levels = levels_of(table) -%}
    {%- set of_dimension = linked_tables()[table][dimension] -%}
    select
        {{ cell_id(levels | reject('equalto', level) | list) }} as total_cell_id,
        '{{ level }} of ' || total_cell_id as relation_id,
        {{ cell_id(levels) }} as part_cell_id,
        {{ always_given() }} as block,
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
    {%- set relations = [] -%}
    {%- for table, dimensions in linked_tables().items() -%}
        {%- for dimension, levels in dimensions.items() -%}
            {%- for level in levels if level != always_given() -%}
                {%- do relations.append(total_relation(layer, table, dimension, level)) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ relations | join('\n    union\n    ') }}
{%- endmacro %}
