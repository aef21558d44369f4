with

person as (
    select
        person_key,
        nhs_number,
        superseded_by_nhs_number,
        submission_id
    from {{ ref('idn_person') }}
),

standing_number as (
    select
        nhs_number,
        standing_nhs_number
    from {{ ref('idn_standing_number') }}
),

recorded as (
    select
        feed,
        submission_id,
        source_row,
        record_identifier
    from {{ ref('idn_named_record') }}
    where event_date is not null
),

traced as (
    select
        feed,
        submission_id,
        source_row,
        identity_type,
        identity_value
    from {{ ref('idn_trace') }}
),

person_key as (
    select
        identity_type,
        identity_value,
        person_key
    from {{ ref('idn_person_key') }}
),

submission as (
    select
        submission_id,
        sender_organisation_code,
        extract_at::date as extracted_on
    from {{ ref('stg_submission') }}
),

-- Keys of single records that no record has any more.
left_behind as (
    select
        identity_value,
        person_key
    from person_key
    anti join traced using (identity_type, identity_value)
    where identity_type = 'one_time'
),

named_once_more as (
    select
        recorded.feed,
        recorded.submission_id,
        recorded.source_row,
        submission.extracted_on,
        {{ one_time_identity() }} as one_time_identity_value
    from recorded
    inner join submission using (submission_id)
),

merged as (
    select
        person.person_key as from_person_key,
        survivor.person_key as to_person_key,
        'superseded_number' as reason,
        submission.extracted_on as valid_from
    from person
    inner join standing_number using (nhs_number)
    inner join person as survivor
        on standing_number.standing_nhs_number = survivor.nhs_number
    inner join submission
        on person.submission_id = submission.submission_id
    where person.superseded_by_nhs_number is not null
),

traced_later as (
    select
        left_behind.person_key as from_person_key,
        person_key.person_key as to_person_key,
        'traced_later' as reason,
        -- when the record said enough, or the person was held, whichever came last
        greatest(named_once_more.extracted_on, submission.extracted_on) as valid_from
    from named_once_more
    inner join left_behind
        on named_once_more.one_time_identity_value = left_behind.identity_value
    inner join traced using (feed, submission_id, source_row)
    inner join person_key
        on
            traced.identity_type = person_key.identity_type
            and traced.identity_value = person_key.identity_value
    left join person
        on person_key.person_key = person.person_key
    left join submission
        on person.submission_id = submission.submission_id
),

final as (
    select
        from_person_key,
        to_person_key,
        reason,
        valid_from
    from merged

    union all

    select
        from_person_key,
        to_person_key,
        reason,
        valid_from
    from traced_later
)

select * from final
