{% macro protected_cells(table, exact, pattern, rule) -%}
    select
        {%- for level in levels_of(table) %}
        {{ exact }}.{{ level }},
        {%- endfor %}
        {%- for measure in measures_of(table) %}
        {{ protected_measure(exact ~ '.' ~ measure, pattern ~ '.status', rule ~ '.round_to') }} as {{ measure }},
        {%- endfor %}
        {{ pattern }}.status
    from {{ exact }}
    inner join {{ pattern }}
        on {{ pattern }}.cell_id = {{ cell_id(levels_of(table)) }}
    cross join {{ rule }}
{%- endmacro %}
