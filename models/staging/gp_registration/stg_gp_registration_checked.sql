-- Data contract and business rules: every row is typed and carries the list of its own errors.
with submission as (
    select
        submission_id,
        sender_organisation_code,
        extract_at
    from {{ ref('stg_submission') }}
    where not is_test
),

landed as (
    select
        nullif(trim(nhs_number), '') as nhs_number,
        nullif(trim(practice_code), '') as practice_code,
        nullif(trim(registered_from), '') as registered_from,
        nullif(trim(registered_to), '') as registered_to,
        submission_id,
        source_row
    from {{ source('landing_gp_registration', 'gp_registration') }}
),

final as (
    select
        landed.nhs_number,
        landed.practice_code,
        {{ iso_date('landed.registered_from') }} as registered_from,
        {{ iso_date('landed.registered_to') }} as registered_to,
        landed.submission_id,
        landed.source_row,
        submission.sender_organisation_code,
        submission.extract_at,
        {{ contract_errors('gp_registration') }} as errors
    from landed
    inner join submission on landed.submission_id = submission.submission_id
)

select * from final
