{#- Whether a text is the identifier of a SNOMED CT concept: 6 to 18 digits, of which the last but two
    and the last but one say that it is a concept (00, or 10 with a namespace) and the last is the
    check digit (SNOMED CT Release File Specification). One that is a valid NHS number too is taken for
    that, unless it is an approved code: expects `approved_code.snomed_codes`. -#}
{%- macro valid_snomed_code(value) -%}
    case
            when {{ value }} is null then null
            when not regexp_full_match({{ value }}, '[1-9][0-9]{2,14}00[0-9]|[1-9][0-9]{7,14}10[0-9]')
                then false
            when
                length({{ value }}) = 10
                and not coalesce(list_contains(approved_code.snomed_codes, {{ value }}), false)
                and {{ valid_nhs_number(value) }} then false
            else coalesce({{ verhoeff_check(value) }} = 0, false)
        end
{%- endmacro -%}


{#- Verhoeff's check over a text of digits, 0 where the last digit is right. Each digit is permuted by
    its place from the right; the results are multiplied as symmetries of a pentagon: 0 to 4 turn it, 5
    to 9 turn it over. -#}
{%- macro verhoeff_check(digits) -%}
    list_reduce(
                list_transform(
                    range(length({{ digits }})),
                    lambda place : substr(
                        '0123456789' || '1576283094' || '5803796142' || '8916043527'
                        || '9453126870' || '4286573901' || '2793806415' || '7046913258',
                        (
                            10 * (place % 8)
                            + try_cast(substr({{ digits }}, -1 - place, 1) as integer) + 1
                        )::integer,
                        1
                    )::integer
                ),
                lambda turned, other :
                    ((if(turned >= 5, turned - other, turned + other) % 5) + 5) % 5
                    + if((turned >= 5) <> (other >= 5), 5, 0)
            )
{%- endmacro -%}


{#- Whether a feed has SNOMED CT codes. -#}
{%- macro holds_snomed_codes(feed) -%}
    {%- set found = [] -%}
    {%- for rules in input_contract(feed).columns.values()
        if rules.format in ['snomed_code', 'snomed_code_sequence'] -%}
        {%- do found.append(rules) -%}
    {%- endfor -%}
    {{ return(found | length > 0) }}
{%- endmacro -%}
