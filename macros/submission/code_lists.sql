{#- One row of lists, one column per code list that the contract of the feed names. -#}
{%- macro code_lists(feed) -%}
    {%- set names = [] -%}
    {%- for rules in input_contract(feed).columns.values() if rules.code_list -%}
        {%- do names.append(rules.code_list) -%}
    {%- endfor -%}
    {%- for name in names | unique | sort %}
        list(code order by code) filter (where code_list = '{{ name }}') as {{ name }}
        {{- ',' if not loop.last }}
    {%- endfor %}
{%- endmacro -%}
