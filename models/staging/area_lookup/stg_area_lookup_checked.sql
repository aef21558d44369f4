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
        nullif(trim(lsoa_code), '') as lsoa_code,
        nullif(trim(local_authority_code), '') as local_authority_code,
        nullif(trim(local_authority_name), '') as local_authority_name,
        nullif(trim(ccg_code), '') as ccg_code,
        submission_id,
        source_row
    from {{ source('landing_area_lookup', 'area_lookup') }}
),

final as (
    select
        landed.lsoa_code,
        landed.local_authority_code,
        landed.local_authority_name,
        landed.ccg_code,
        landed.submission_id,
        landed.source_row,
        submission.sender_organisation_code,
        submission.extract_at,
        {{ contract_errors('area_lookup') }} as errors
    from landed
    inner join submission on landed.submission_id = submission.submission_id
)

select * from final
