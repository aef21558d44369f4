-- Data contract and business rules: every row is typed and carries the list of its own errors.
with submission as (
    select
        submission_id,
        sender_organisation_code,
        extract_at
    from {{ ref('stg_submission') }}
    where not is_test
),

code_lists as (
    select {{ code_lists('objection') }}
    from {{ ref('code_list') }}
),

landed as (
    select
        nullif(trim(nhs_number), '') as nhs_number,
        nullif(trim(kind), '') as kind,
        nullif(trim(valid_from), '') as valid_from,
        nullif(trim(valid_to), '') as valid_to,
        submission_id,
        source_row
    from {{ source('landing_objection', 'objection') }}
),

final as (
    select
        landed.nhs_number,
        landed.kind,
        {{ iso_date('landed.valid_from') }} as valid_from,
        {{ iso_date('landed.valid_to') }} as valid_to,
        landed.submission_id,
        landed.source_row,
        submission.sender_organisation_code,
        submission.extract_at,
        {{ contract_errors('objection') }} as errors
    from landed
    inner join submission on landed.submission_id = submission.submission_id
    cross join code_lists
)

select * from final
