{#- The feeds whose contract says something, as a Jinja list. -#}
{%- macro feeds_with(key) -%}
    {%- set feeds = [] -%}
    {%- for feed, contract in input_contracts().items() if contract[key] -%}
        {%- do feeds.append(feed) -%}
    {%- endfor -%}
    {{ return(feeds) }}
{%- endmacro -%}


{#- The feeds whose records name a person. -#}
{%- macro feeds_that_name_a_person() -%}
    {%- set feeds = [] -%}
    {%- for feed, contract in input_contracts().items() if 'nhs_number' in contract.columns -%}
        {%- do feeds.append(feed) -%}
    {%- endfor -%}
    {{ return(feeds) }}
{%- endmacro -%}


{#- The feeds whose records name a second person. -#}
{%- macro feeds_that_name_a_second_person() -%}
    {{ return(feeds_with('second_person')) }}
{%- endmacro -%}


{#- The feeds of care records: what happened to a person on a date. -#}
{%- macro care_feeds() -%}
    {{ return(feeds_with('event_date')) }}
{%- endmacro -%}


{#- The feeds of records of no person, each of which crosses the wall as it is. -#}
{%- macro whole_feeds() -%}
    {{ return(feeds_with('handed_over_whole')) }}
{%- endmacro -%}


{#- The feeds of registers: who has a number, an objection or a practice. -#}
{%- macro register_feeds() -%}
    {{ return(feeds_that_name_a_person() | reject('in', care_feeds()) | list) }}
{%- endmacro -%}


{#- The feeds whose records cross the wall; the others only serve to make something behind it. -#}
{%- macro crossing_feeds() -%}
    {{ return(care_feeds() + whole_feeds() + register_feeds()) }}
{%- endmacro -%}


{#- Those of them whose records become rows of a model of their own. Lists of reference data become
    dimensions, several lists and seeds together. -#}
{%- macro feeds_with_core_model() -%}
    {{ return(crossing_feeds() | reject('in', reference_feeds()) | list) }}
{%- endmacro -%}


{#- The feeds that follow the submission protocol. -#}
{%- macro protocol_feeds() -%}
    {{ return(feeds_with('submission_protocol')) }}
{%- endmacro -%}


{#- The feeds of reference data. -#}
{%- macro reference_feeds() -%}
    {{ return(feeds_with('reference_data')) }}
{%- endmacro -%}
