with

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
        submission_id
    from {{ ref('stg_ods_organisation') }}
)

select * from final
