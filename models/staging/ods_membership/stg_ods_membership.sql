-- The last accepted version of each record: refused rows are in stg_error_report.
with accepted as (
    select
        organisation_code,
        parent_code,
        member_from,
        member_to,
        submission_id,
        source_row,
        {{ latest_record(['organisation_code', 'parent_code', 'member_from']) }} as version_order
    from {{ ref('stg_ods_membership_checked') }}
    where not {{ is_rejected('errors') }}
),

final as (
    select
        organisation_code,
        parent_code,
        member_from,
        member_to,
        submission_id,
        source_row
    from accepted
    where version_order = 1
)

select * from final
