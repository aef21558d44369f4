-- The last accepted version of each record: refused rows are in stg_error_report.
with accepted as (
    select
        nhs_number,
        kind,
        valid_from,
        valid_to,
        submission_id,
        source_row,
        {{ latest_record(['nhs_number', 'kind', 'valid_from']) }} as version_order
    from {{ ref('stg_objection_checked') }}
    where not {{ is_rejected('errors') }}
),

final as (
    select
        nhs_number,
        kind,
        valid_from,
        valid_to,
        submission_id,
        source_row
    from accepted
    where version_order = 1
)

select * from final
