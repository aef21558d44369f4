{#- The list that a row of reference data belongs to: of each list one file is in use. A file holds
    one list, but for registers of organisations and editions of the index, which their rows name. -#}
{%- macro reference_list(feed, relation) -%}
    {%- if feed == 'ods_organisation' -%}
        {{ relation }}.organisation_register
    {%- elif feed == 'deprivation' -%}
        'imd_' || {{ relation }}.imd_edition
    {%- else -%}
        '{{ {'ods_membership': 'epcmem'}.get(feed, feed) }}'
    {%- endif -%}
{%- endmacro -%}
