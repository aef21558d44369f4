{% macro table_cells(table_name, coordinates) %}
    select
        {{ cell_id(coordinates) }} as cell_id,
        quarter as block,
        people,
        records,
        bed_days
    from {{ ref(table_name) }}
{% endmacro %}
