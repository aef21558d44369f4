-- The last accepted version of each record: refused rows are in stg_error_report.
with accepted as (
    select
        nhs_number,
        superseded_by_nhs_number,
        family_name,
        given_name,
        date_of_birth,
        sex,
        address_line,
        postcode,
        date_of_death,
        sensitivity_flag,
        submission_id,
        source_row,
        {{ latest_record(['nhs_number']) }} as version_order
    from {{ ref('stg_person_checked') }}
    where not {{ is_rejected('errors') }}
),

final as (
    select
        nhs_number,
        superseded_by_nhs_number,
        family_name,
        given_name,
        date_of_birth,
        sex,
        address_line,
        postcode,
        date_of_death,
        sensitivity_flag,
        submission_id,
        source_row
    from accepted
    where version_order = 1
)

select * from final
