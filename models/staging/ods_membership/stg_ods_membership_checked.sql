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
        nullif(trim(organisation_code), '') as organisation_code,
        nullif(trim(parent_code), '') as parent_code,
        nullif(trim(member_from), '') as member_from,
        nullif(trim(member_to), '') as member_to,
        submission_id,
        source_row
    from {{ source('landing_ods_membership', 'ods_membership') }}
),

final as (
    select
        landed.organisation_code,
        landed.parent_code,
        {{ iso_date('landed.member_from') }} as member_from,
        {{ iso_date('landed.member_to') }} as member_to,
        landed.submission_id,
        landed.source_row,
        submission.sender_organisation_code,
        submission.extract_at,
        {{ contract_errors('ods_membership') }} as errors
    from landed
    inner join submission on landed.submission_id = submission.submission_id
)

select * from final
