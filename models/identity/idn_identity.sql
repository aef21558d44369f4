with

recorded as (
    select
        feed,
        submission_id,
        source_row,
        record_identifier,
        withheld_identity_reason,
        nhs_number,
        source_person_id
    from {{ ref('idn_named_record') }}
),

submission as (
    select
        submission_id,
        sender_organisation_code
    from {{ ref('stg_submission') }}
),

final as (
    select
        recorded.feed,
        recorded.submission_id,
        recorded.source_row,
        case
            when recorded.withheld_identity_reason is not null then 'one_time'
            when recorded.nhs_number is not null then 'nhs_number'
            when recorded.source_person_id is not null then 'source_person_id'
            else 'one_time'
        end as identity_type,
        case identity_type
            when 'nhs_number' then recorded.nhs_number
            when 'source_person_id' then recorded.source_person_id
            -- of the record, not of the file: a record that is sent again stays the same person
            else {{ length_prefixed([
                'recorded.feed',
                'submission.sender_organisation_code',
                'recorded.record_identifier',
            ]) }}
        end as identity_value
    from recorded
    inner join submission on recorded.submission_id = submission.submission_id
)

select * from final
