{#- The feeds of reference data, as a Jinja list. -#}
{%- macro reference_feeds() -%}
    {%- set feeds = [] -%}
    {%- for feed, contract in input_contracts().items() if contract.reference_data -%}
        {%- do feeds.append(feed) -%}
    {%- endfor -%}
    {{ return(feeds) }}
{%- endmacro -%}


{#- The list that a row of reference data belongs to: of each list one file is in use. A file holds one
    list, but for registers of organisations and editions of the index, which their rows name. -#}
{%- macro reference_list(feed, relation) -%}
    {%- if feed == 'ods_organisation' -%}
        {{ relation }}.organisation_register
    {%- elif feed == 'deprivation' -%}
        'imd_' || {{ relation }}.imd_edition
    {%- else -%}
        '{{ {'ods_membership': 'epcmem'}.get(feed, feed) }}'
    {%- endif -%}
{%- endmacro -%}
