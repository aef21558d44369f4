{#- What became of the link from a record to the record of the same person that it names. -#}
{% macro link_status(relation, linked_record_key) -%}
    case
            when {{ linked_record_key }} is not null then 'linked'
            when not {{ relation }}.is_person_established then 'person_not_established'
            else 'no_record_of_this_person'
        end
{%- endmacro %}
