{% macro total_relation(table_name, coordinates, dimension, level, people_adds, condition=none) %}
    {% set total = dict(coordinates) %}
    {% do total.update({level: "'ALL'"}) %}
    select
        '{{ dimension }} of ' || {{ cell_id(total) }} as relation_id,
        quarter as block,
        {{ cell_id(total) }} as total_cell_id,
        {{ cell_id(coordinates) }} as part_cell_id,
        {{ people_adds }} as people_adds,
        {{ level == 'icb' }} as across_readers
    from {{ ref(table_name) }}
    where {{ coordinates[level] }} <> 'ALL' {{ "and " ~ condition if condition }}
{% endmacro %}
