{#- The feeds whose records name a person, as a Jinja list. -#}
{%- macro feeds_that_name_a_person() -%}
    {%- set feeds = [] -%}
    {%- for feed, contract in input_contracts().items() if 'nhs_number' in contract.columns -%}
        {%- do feeds.append(feed) -%}
    {%- endfor -%}
    {{ return(feeds) }}
{%- endmacro -%}


{#- The feeds whose records name a second person. -#}
{%- macro feeds_that_name_a_second_person() -%}
    {%- set feeds = [] -%}
    {%- for feed, contract in input_contracts().items() if contract.second_person -%}
        {%- do feeds.append(feed) -%}
    {%- endfor -%}
    {{ return(feeds) }}
{%- endmacro -%}


{#- The feeds of care records: what happened to a person on a date. -#}
{%- macro care_feeds() -%}
    {%- set feeds = [] -%}
    {%- for feed, contract in input_contracts().items() if contract.event_date -%}
        {%- do feeds.append(feed) -%}
    {%- endfor -%}
    {{ return(feeds) }}
{%- endmacro -%}


{#- A column of a feed, NULL where its contract has none of that name. -#}
{%- macro contract_value(feed, name, data_type) -%}
    {{ name if name in input_contract(feed).columns else 'null::' ~ data_type }}
{%- endmacro -%}


{#- The id of a care record at its sender; NULL where the records of the feed are of no care. -#}
{%- macro record_identifier(feed) -%}
    {{ input_contract(feed).record_key[0] if input_contract(feed).event_date else 'null::varchar' }}
{%- endmacro -%}
