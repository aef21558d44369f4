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
    select {{ code_lists('ods_organisation') }}
    from {{ ref('code_list') }}
),

landed as (
    select
        nullif(trim(organisation_register), '') as organisation_register,
        nullif(trim(organisation_code), '') as organisation_code,
        nullif(trim(organisation_name), '') as organisation_name,
        nullif(trim(national_grouping_code), '') as national_grouping_code,
        nullif(trim(health_geography_code), '') as health_geography_code,
        nullif(trim(opened_on), '') as opened_on,
        nullif(trim(closed_on), '') as closed_on,
        nullif(trim(status_code), '') as status_code,
        nullif(trim(organisation_sub_type), '') as organisation_sub_type,
        nullif(trim(commissioner_code), '') as commissioner_code,
        nullif(trim(commissioner_from), '') as commissioner_from,
        nullif(trim(commissioner_to), '') as commissioner_to,
        nullif(trim(prescribing_setting), '') as prescribing_setting,
        submission_id,
        source_row
    from {{ source('landing_ods_organisation', 'ods_organisation') }}
),

final as (
    select
        landed.organisation_register,
        landed.organisation_code,
        landed.organisation_name,
        landed.national_grouping_code,
        landed.health_geography_code,
        {{ iso_date('landed.opened_on') }} as opened_on,
        {{ iso_date('landed.closed_on') }} as closed_on,
        landed.status_code,
        landed.organisation_sub_type,
        landed.commissioner_code,
        {{ iso_date('landed.commissioner_from') }} as commissioner_from,
        {{ iso_date('landed.commissioner_to') }} as commissioner_to,
        landed.prescribing_setting,
        landed.submission_id,
        landed.source_row,
        submission.sender_organisation_code,
        submission.extract_at,
        {{ contract_errors('ods_organisation') }} as errors
    from landed
    inner join submission on landed.submission_id = submission.submission_id
    cross join code_lists
)

select * from final
