{% macro owed_cells(table, scope, quarter, mart) -%}
    select
        {{ scope }}.agreement_id,
        {%- for level in levels_of(table) %}
        {{ mart }}.{{ level }},
        {%- endfor %}
        {{ mart }}.records,
        {{ mart }}.people,
        {{ mart }}.bed_days,
        {{ mart }}.status
    from {{ mart }}
    inner join {{ scope }}
        on
            {{ mart }}.icb_code = {{ scope }}.icb_code
            and {{ mart }}.sub_icb_code = {{ scope }}.sub_icb_code
    inner join {{ quarter }}
        on
            {{ mart }}.quarter = {{ quarter }}.quarter
            and {{ scope }}.period_start <= {{ quarter }}.quarter_start
            and {{ scope }}.period_end >= {{ quarter }}.quarter_end
{%- endmacro %}
