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
    select {{ code_lists('person') }}
    from {{ ref('code_list') }}
),

landed as (
    select
        nullif(trim(nhs_number), '') as nhs_number,
        nullif(trim(superseded_by_nhs_number), '') as superseded_by_nhs_number,
        nullif(trim(family_name), '') as family_name,
        nullif(trim(given_name), '') as given_name,
        nullif(trim(date_of_birth), '') as date_of_birth,
        nullif(trim(sex), '') as sex,
        nullif(trim(address_line), '') as address_line,
        nullif(trim(postcode), '') as postcode,
        nullif(trim(date_of_death), '') as date_of_death,
        nullif(trim(sensitivity_flag), '') as sensitivity_flag,
        submission_id,
        source_row
    from {{ source('landing_person', 'person') }}
),

final as (
    select
        landed.nhs_number,
        landed.superseded_by_nhs_number,
        landed.family_name,
        landed.given_name,
        {{ iso_date('landed.date_of_birth') }} as date_of_birth,
        landed.sex,
        landed.address_line,
        landed.postcode,
        {{ iso_date('landed.date_of_death') }} as date_of_death,
        landed.sensitivity_flag,
        landed.submission_id,
        landed.source_row,
        submission.sender_organisation_code,
        submission.extract_at,
        {{ contract_errors('person') }} as errors
    from landed
    inner join submission on landed.submission_id = submission.submission_id
    cross join code_lists
)

select * from final
