-- The identity of the second person that a care record names, feed by feed. Only the number names
-- that person; a record whose identity is withheld links nobody.
with final as (
    {%- for feed in feeds_that_name_a_second_person() %}
        {%- set second = input_contract(feed).second_person %}
        select
            '{{ feed }}' as feed,
            submission_id,
            source_row,
            '{{ second.role }}' as second_person_role,
            'nhs_number' as identity_type,
            {{ second.nhs_number }} as identity_value
        from {{ ref('stg_' ~ feed) }}
        where
            {{ second.nhs_number }} is not null
            and withheld_identity_reason is null
        {{- '\n        union all' if not loop.last }}
    {%- endfor %}
)

select * from final
