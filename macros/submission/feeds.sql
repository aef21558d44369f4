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


{#- The feeds of records of no person, each of which crosses the wall as it is. -#}
{%- macro whole_feeds() -%}
    {%- set feeds = [] -%}
    {%- for feed, contract in input_contracts().items() if contract.handed_over_whole -%}
        {%- do feeds.append(feed) -%}
    {%- endfor -%}
    {{ return(feeds) }}
{%- endmacro -%}


{#- The feeds that follow the submission protocol, as a Jinja list. -#}
{%- macro protocol_feeds() -%}
    {%- set feeds = [] -%}
    {%- for feed, contract in input_contracts().items() if contract.submission_protocol -%}
        {%- do feeds.append(feed) -%}
    {%- endfor -%}
    {{ return(feeds) }}
{%- endmacro -%}


{#- The feeds of reference data, as a Jinja list. -#}
{%- macro reference_feeds() -%}
    {%- set feeds = [] -%}
    {%- for feed, contract in input_contracts().items() if contract.reference_data -%}
        {%- do feeds.append(feed) -%}
    {%- endfor -%}
    {{ return(feeds) }}
{%- endmacro -%}
