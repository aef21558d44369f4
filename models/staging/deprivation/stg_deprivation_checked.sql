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
    select {{ code_lists('deprivation') }}
    from {{ ref('code_list') }}
),

landed as (
    select
        nullif(trim(imd_edition), '') as imd_edition,
        nullif(trim(lsoa_code), '') as lsoa_code,
        nullif(trim(imd_rank), '') as imd_rank,
        submission_id,
        source_row
    from {{ source('landing_deprivation', 'deprivation') }}
),

final as (
    select
        landed.imd_edition,
        landed.lsoa_code,
        {{ whole_number('landed.imd_rank') }} as imd_rank,
        landed.submission_id,
        landed.source_row,
        submission.sender_organisation_code,
        submission.extract_at,
        {{ contract_errors('deprivation') }} as errors
    from landed
    inner join submission on landed.submission_id = submission.submission_id
    cross join code_lists
)

select * from final
