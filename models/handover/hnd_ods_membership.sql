with

final as (
    select
        organisation_code,
        parent_code,
        member_from,
        member_to,
        submission_id
    from {{ ref('stg_ods_membership') }}
)

select * from final
