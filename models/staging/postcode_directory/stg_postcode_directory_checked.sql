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
    select {{ code_lists('postcode_directory') }}
    from {{ ref('code_list') }}
),

landed as (
    select
        nullif(trim(postcode), '') as postcode,
        nullif(trim(lsoa_code), '') as lsoa_code,
        nullif(trim(country_code), '') as country_code,
        nullif(trim(valid_from), '') as valid_from,
        nullif(trim(valid_to), '') as valid_to,
        submission_id,
        source_row
    from {{ source('landing_postcode_directory', 'postcode_directory') }}
),

final as (
    select
        landed.postcode,
        landed.lsoa_code,
        landed.country_code,
        {{ iso_date('landed.valid_from') }} as valid_from,
        {{ iso_date('landed.valid_to') }} as valid_to,
        landed.submission_id,
        landed.source_row,
        submission.sender_organisation_code,
        submission.extract_at,
        {{ contract_errors('postcode_directory') }} as errors
    from landed
    inner join submission on landed.submission_id = submission.submission_id
    cross join code_lists
)

select * from final
