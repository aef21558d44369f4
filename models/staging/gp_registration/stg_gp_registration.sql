-- The last accepted version of each record: refused rows are in stg_error_report.
with accepted as (
    select
        nhs_number,
        practice_code,
        registered_from,
        registered_to,
        submission_id,
        source_row,
        {{ latest_record(['nhs_number', 'registered_from']) }} as version_order
    from {{ ref('stg_gp_registration_checked') }}
    where not {{ is_rejected('errors') }}
),

final as (
    select
        nhs_number,
        practice_code,
        registered_from,
        registered_to,
        submission_id,
        source_row
    from accepted
    where version_order = 1
)

select * from final
