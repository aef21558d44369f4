-- The last accepted version of each record: refused rows are in stg_error_report.
with accepted as (
    select
        lsoa_code,
        local_authority_code,
        local_authority_name,
        ccg_code,
        submission_id,
        source_row,
        {{ latest_record(['lsoa_code']) }} as version_order
    from {{ ref('stg_area_lookup_checked') }}
    where not {{ is_rejected('errors') }}
),

final as (
    select
        lsoa_code,
        local_authority_code,
        local_authority_name,
        ccg_code,
        submission_id,
        source_row
    from accepted
    where version_order = 1
)

select * from final
