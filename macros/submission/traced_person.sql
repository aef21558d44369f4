{#- The feeds that say who has a number, and no care record: their number is nobody's mistake at a
    bedside, and there is nothing to check it against. -#}
{%- macro registers() -%}
    {%- set feeds = [] -%}
    {%- for feed in feeds_that_name_a_person() if feed not in care_feeds() -%}
        {%- do feeds.append(feed) -%}
    {%- endfor -%}
    {{ return(feeds) }}
{%- endmacro -%}


{#- Whether a birth date is missing or a default, which any number of people have. -#}
{%- macro is_default_birth_date(value) -%}
    ({{ value }} is null or {{ is_default_date(value) }} or {{ value }} = date '1900-01-01')
{%- endmacro -%}


{#- Whether a record of an infant carries the number of a woman who can be the mother. -#}
{%- macro is_mother_of_infant(held_sex, held_birth_date, birth_date, event_date) -%}
    (
                {{ held_sex }} = '2'
                and {{ birth_date }} between {{ event_date }} - 365 and {{ event_date }}
                and datesub('year', {{ held_birth_date }}, {{ birth_date }}) between 12 and 55
            )
{%- endmacro -%}


{#- The identity of a record that leads to nobody: of the record, not of the file, so that a record
    that is sent again stays the same person. -#}
{%- macro one_time_identity() -%}
    {{ length_prefixed(['feed', 'sender_organisation_code', 'record_identifier']) }}
{%- endmacro -%}
