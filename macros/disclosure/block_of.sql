{% macro block_of(table) -%}
    {%- if 'feed' in levels_of(table) -%}
        if(feed in ('{{ feeds_of_activity().values() | join("', '") }}'), quarter, quarter || ' ' || feed)
    {%- else -%}
        quarter
    {%- endif -%}
{%- endmacro %}
