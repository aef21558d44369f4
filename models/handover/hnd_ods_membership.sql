with

file_in_use as (
    select submission_id
    from {{ ref('stg_reference_file') }}
    where
        reference_list = 'epcmem'
        and is_in_use
),

ods_membership as (
    select
        submission_id,
        source_row,
        organisation_code,
        parent_code,
        member_from,
        member_to
    from {{ ref('stg_ods_membership_checked') }}
),

in_use as (
    select
        ods_membership.organisation_code,
        ods_membership.parent_code,
        ods_membership.member_from,
        ods_membership.member_to,
        row_number() over (
            partition by
                ods_membership.organisation_code,
                ods_membership.parent_code,
                ods_membership.member_from
            order by ods_membership.source_row desc
        ) as latest_first
    from ods_membership
    inner join file_in_use using (submission_id)
),

final as (
    select
        organisation_code,
        parent_code,
        member_from,
        member_to
    from in_use
    where latest_first = 1
)

select * from final
