{#- The day that puts a row into a bulk window: the first activity date of the contract that the
    row carries (NHS Data Dictionary, CDS ACTIVITY DATE). -#}
{%- macro activity_date(feed, relation) -%}
    {%- set days = [] -%}
    {%- for _, column in input_contract(feed).submission_protocol -%}
        {%- do days.append(activity_day(relation, column)) -%}
    {%- endfor -%}
    {{ 'coalesce(' ~ days | join(', ') ~ ')' if days | length > 1 else days[0] }}
{%- endmacro -%}


{#- The bulk replacement group of a row: the one that goes with its activity date. -#}
{%- macro bulk_replacement_group(feed, relation) -%}
    case
            {%- for group, column in input_contract(feed).submission_protocol %}
            when {{ activity_day(relation, column) }} is not null then '{{ group }}'
            {%- endfor %}
        end
{%- endmacro -%}


{#- One date column of a row: text in `landed`, a date everywhere else. -#}
{%- macro activity_day(relation, column) -%}
    {%- set value = relation ~ '.' ~ column -%}
    {{ return(iso_date(value) if relation == 'landed' else value) }}
{%- endmacro -%}
