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
    from {{ ref('stg_standing_number') }}
),

record as (
    select
        submission_id,
        record_key::varchar as identity_value,
        person_key
    from {{ ref('idn_record') }}
    where is_person_established
),

one_time as (
    select
        identity_value,
        person_key
    from {{ ref('idn_person_key') }}
    where identity_type = 'one_time'
),

submission as (
    select
        submission_id,
        extract_at::date as extracted_on
    from {{ ref('stg_submission') }}
),

merged as (
    select
        person.person_key as from_person_key,
        survivor.person_key as to_person_key,
        'superseded_number' as reason,
        person.submission_id,
        person.submission_id as person_submission_id
    from person
    inner join standing_number
        on person.nhs_number = standing_number.nhs_number
    inner join person as survivor
        on standing_number.standing_nhs_number = survivor.nhs_number
    where person.superseded_by_nhs_number is not null
),

-- The key of a single record, which now is of a person.
traced_later as (
    select
        one_time.person_key as from_person_key,
        record.person_key as to_person_key,
        'traced_later' as reason,
        record.submission_id,
        coalesce(person.submission_id, record.submission_id) as person_submission_id
    from one_time
    inner join record
        on one_time.identity_value = record.identity_value
    left join person
        on record.person_key = person.person_key
),

linked as (
    select
        from_person_key,
        to_person_key,
        reason,
        submission_id,
        person_submission_id
    from merged

    union all

    select
        from_person_key,
        to_person_key,
        reason,
        submission_id,
        person_submission_id
    from traced_later
),

final as (
    select
        linked.from_person_key,
        linked.to_person_key,
        linked.reason,
        -- when the record said enough, or the person was held, whichever came last
        greatest(submission.extracted_on, of_person.extracted_on) as valid_from
    from linked
    inner join submission
        on linked.submission_id = submission.submission_id
    inner join submission as of_person
        on linked.person_submission_id = of_person.submission_id
)

select * from final
