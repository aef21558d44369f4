{{ config(materialized='view') }}

-- What every record that names a person says about who that is, feed by feed. A view: each of its
-- readers takes a few columns, and a copy of all of them costs more than reading them again.
with final as (
    {%- for feed in feeds_that_name_a_person() %}
        select
            '{{ feed }}' as feed,
            submission_id,
            source_row,
            {{ record_identifier(feed) }} as record_identifier,
            {{ contract_value(feed, 'withheld_identity_reason', 'varchar') }}
                as withheld_identity_reason,
            nhs_number,
            {{ source_person_id(feed) }} as source_person_id,
            {{ contract_value(feed, 'date_of_birth', 'date') }} as date_of_birth,
            {{ contract_value(feed, 'recorded_age', 'integer') }} as recorded_age,
            {{ contract_value(feed, 'sex', 'varchar') }} as sex,
            {{ contract_value(feed, 'postcode', 'varchar') }} as postcode,
            {{ contract_value(feed, 'lsoa_code', 'varchar') }} as lsoa_code,
            {{ input_contract(feed).event_date or 'null::date' }} as event_date
        from {{ ref('stg_' ~ feed) }}
        {{- '\n        union all' if not loop.last }}
    {%- endfor %}
)

select * from final
