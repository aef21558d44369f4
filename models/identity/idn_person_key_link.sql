with

person as (
    select
        person_key,
        superseded_by_nhs_number,
        submission_id
    from {{ ref('idn_person') }}
    where superseded_by_nhs_number is not null
),

person_key as (
    select
        identity_value,
        person_key
    from {{ ref('idn_person_key') }}
    where identity_type = 'nhs_number'
),

submission as (
    select
        submission_id,
        extract_at
    from {{ ref('stg_submission') }}
),

final as (
    select
        person.person_key as from_person_key,
        person_key.person_key as to_person_key,
        submission.extract_at::date as valid_from
    from person
    inner join person_key
        on person.superseded_by_nhs_number = person_key.identity_value
    inner join submission
        on person.submission_id = submission.submission_id
)

select * from final
