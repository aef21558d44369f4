-- The last accepted version of each record: refused rows are in stg_error_report.
with accepted as (
    select
        organisation_register,
        organisation_code,
        organisation_name,
        national_grouping_code,
        health_geography_code,
        opened_on,
        closed_on,
        status_code,
        organisation_sub_type,
        commissioner_code,
        commissioner_from,
        commissioner_to,
        prescribing_setting,
        submission_id,
        source_row,
        {{ latest_record(['organisation_register', 'organisation_code']) }} as version_order
    from {{ ref('stg_ods_organisation_checked') }}
    where not {{ is_rejected('errors') }}
),

final as (
    select
        organisation_register,
        organisation_code,
        organisation_name,
        national_grouping_code,
        health_geography_code,
        opened_on,
        closed_on,
        status_code,
        organisation_sub_type,
        commissioner_code,
        commissioner_from,
        commissioner_to,
        prescribing_setting,
        submission_id,
        source_row
    from accepted
    where version_order = 1
)

select * from final
