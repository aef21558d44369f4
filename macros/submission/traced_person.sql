{#- Whether a feed says who has a number and is of no care: there is nothing to check it against. -#}
{%- macro is_of_register(feed) -%}
    {{ feed }} in (
                {%- for name in register_feeds() %}
                    '{{ name }}'{{ ',' if not loop.last }}
                {%- endfor %}
            )
{%- endmacro -%}


{#- Whether a birth date is missing or a default, which any number of people have. -#}
{%- macro is_default_birth_date(value) -%}
    (
                {{ value }} is null
                or {{ value }} = date '1900-01-01'
                or {{ is_default_date(value) }}
            )
{%- endmacro -%}


{#- Whether the record of a child not yet one on 1 April carries the number of a woman who can be the
    mother. -#}
{%- macro is_mother_of_infant(held_sex, held_birth_date, birth_date, event_date) -%}
    (
                {{ held_sex }} = '2'
                and {{ age_on_1_april(birth_date, event_date) }} = 0
                and {{ age_on_1_april(held_birth_date, event_date) }} between 12 and 55
            )
{%- endmacro -%}


{#- Who a record without a number is about: an id that an organisation issued names that organisation,
    any other is an id of whoever sent the record, and of nobody at another sender. -#}
{%- macro person_at_source() -%}
    case
                    when feed in (
                        {%- for feed in care_feeds() if input_contract(feed).issued_person_id %}
                            '{{ feed }}'{{ ',' if not loop.last }}
                        {%- endfor %}
                        ) then source_person_id
                    else {{ length_prefixed([
                        "'sender'", 'sender_organisation_code', 'source_person_id'
                    ]) }}
                end
{%- endmacro -%}


{#- The safe haven's own key of a care record: of the record, not of the file it came in. -#}
{%- macro record_key() -%}
    {{ keyed_identifier(
            var('person_key_name'),
            ["'record'", 'feed', 'sender_organisation_code', 'record_identifier']
        ) }}
{%- endmacro -%}
