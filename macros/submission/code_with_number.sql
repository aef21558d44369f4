{#- The columns of a feed whose codes have room for an NHS number, by name, each with whether it holds
    codes with ; between them. -#}
{%- macro long_code_columns(feed) -%}
    {%- set found = {} -%}
    {%- for name, rules in input_contract(feed).columns.items() if rules.format -%}
        {%- if rules.format in ['snomed_code', 'snomed_code_sequence']
            or code_formats().get(rules.format, {}).get('long') -%}
            {%- do found.update({name: rules.format == 'snomed_code_sequence'}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro -%}


{#- The same of every feed, as a list: feed, column, whether it holds several codes. -#}
{%- macro all_long_code_columns() -%}
    {%- set found = [] -%}
    {%- for feed in input_contracts() -%}
        {%- for name, is_sequence in long_code_columns(feed).items() -%}
            {%- do found.append((feed, name, is_sequence)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro -%}


{#- Every column that holds NHS numbers, as a list: feed, column. -#}
{%- macro nhs_number_columns() -%}
    {%- set found = [] -%}
    {%- for feed, contract in input_contracts().items() -%}
        {%- for name, rules in contract.columns.items() if rules.format == 'nhs_number' -%}
            {%- do found.append((feed, name)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro -%}


{#- Whether a value is, or has among its codes, one that contains the NHS number of anybody: expects
    `code_with_number.codes`. -#}
{%- macro contains_known_number(value, is_sequence) -%}
    {%- if is_sequence -%}
        list_has_any(code_with_number.codes, string_split({{ value }}, ';'))
    {%- else -%}
        list_contains(code_with_number.codes, {{ value }})
    {%- endif -%}
{%- endmacro -%}
