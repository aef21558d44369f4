{#- The core fact that the records of a feed become. -#}
{%- macro core_model(feed) -%}
    {{ return(input_contract(feed).core_model or 'fct_' ~ feed) }}
{%- endmacro -%}


{#- The table in which the records of a feed cross the wall. -#}
{%- macro hand_over_model(feed) -%}
    {{ return('hnd_registration' if feed == 'gp_registration' else 'hnd_' ~ feed) }}
{%- endmacro -%}


{#- A column of a feed, NULL where its contract has none of that name. -#}
{%- macro contract_value(feed, name, data_type) -%}
    {{ name if name in input_contract(feed).columns else 'null::' ~ data_type }}
{%- endmacro -%}


{#- The id of a care record at its sender; NULL where the records of the feed are of no care. -#}
{%- macro record_identifier(feed) -%}
    {{ input_contract(feed).record_key[0] if input_contract(feed).event_date else 'null::varchar' }}
{%- endmacro -%}


{#- Who a record is about by an id other than the NHS number: one that the source made, or one that
    an organisation issued, which says nothing without the name of that organisation. -#}
{%- macro source_person_id(feed) -%}
    {%- set issued = input_contract(feed).issued_person_id -%}
    {{ length_prefixed(issued) if issued else contract_value(feed, 'source_person_id', 'varchar') }}
{%- endmacro -%}
