-- The last accepted version of each record: refused rows are in stg_error_report.
with accepted as (
    select
        imd_edition,
        lsoa_code,
        imd_rank,
        submission_id,
        source_row,
        {{ latest_record(['imd_edition', 'lsoa_code']) }} as version_order
    from {{ ref('stg_deprivation_checked') }}
    where not {{ is_rejected('errors') }}
),

final as (
    select
        imd_edition,
        lsoa_code,
        imd_rank,
        submission_id,
        source_row
    from accepted
    where version_order = 1
)

select * from final
