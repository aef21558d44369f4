{% macro total_relation(table_name, coordinates, dimension, level, people_adds, condition=none) %}
    {% set total = dict(coordinates) %}
    {% do total.pop(level) %}
    select
        {{ cell_id(total) }} as total_cell_id,
        '{{ dimension }} of ' || total_cell_id as relation_id,
        {{ cell_id(coordinates) }} as part_cell_id,
        quarter as block,
        {{ people_adds }} as people_adds,
        {{ level == 'icb' }} as across_readers
    from {{ ref(table_name) }}
    where {{ coordinates[level] }} <> 'ALL' {{ "and " ~ condition if condition }}
{% endmacro %}
