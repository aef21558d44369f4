with

file_in_use as (
    select
        submission_id,
        reference_list
    from {{ ref('stg_reference_file') }}
    where is_in_use
),

ods_organisation as (
    select
        submission_id,
        source_row,
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
        prescribing_setting
    from {{ ref('stg_ods_organisation_checked') }}
),

in_use as (
    select
        ods_organisation.organisation_register,
        ods_organisation.organisation_code,
        ods_organisation.organisation_name,
        ods_organisation.national_grouping_code,
        ods_organisation.health_geography_code,
        ods_organisation.opened_on,
        ods_organisation.closed_on,
        ods_organisation.status_code,
        ods_organisation.organisation_sub_type,
        ods_organisation.commissioner_code,
        ods_organisation.commissioner_from,
        ods_organisation.commissioner_to,
        ods_organisation.prescribing_setting,
        row_number() over (
            partition by ods_organisation.organisation_register, ods_organisation.organisation_code
            order by ods_organisation.source_row desc
        ) as latest_first
    from ods_organisation
    inner join file_in_use
        on
            ods_organisation.submission_id = file_in_use.submission_id
            and ods_organisation.organisation_register = file_in_use.reference_list
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
        prescribing_setting
    from in_use
    where latest_first = 1
)

select * from final
