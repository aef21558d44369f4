-- Practices and the commissioners they belonged to: from the register where one is loaded, with the
-- file of memberships where that is loaded too; else from the seed.
with

practice as (
    select
        organisation_code as practice_code,
        national_grouping_code,
        opened_on,
        closed_on,
        commissioner_code,
        commissioner_from,
        commissioner_to
    from {{ ref('hnd_ods_organisation') }}
    where
        organisation_register = 'epraccur'
        and prescribing_setting = '4'
        -- dormant practices see nobody, and the register does not say since when
        and status_code in ('A', 'P', 'C')
        and national_grouping_code <> 'W00'
),

membership as (
    select
        organisation_code as practice_code,
        parent_code as commissioner_code,
        member_from,
        member_to
    from {{ ref('hnd_ods_membership') }}
),

belonging as (
    select
        practice_code,
        commissioner_code,
        member_from,
        member_to
    from membership
    union all
    select
        practice_code,
        commissioner_code,
        commissioner_from as member_from,
        commissioner_to as member_to
    from practice
    where not exists (select 1 from membership)
),

loaded as (
    select
        practice.practice_code,
        belonging.commissioner_code,
        greatest(belonging.member_from, practice.opened_on) as valid_from,
        least(belonging.member_to, practice.closed_on) as valid_to
    from practice
    inner join belonging using (practice_code)
),

embedded as (
    select
        practice_code,
        sub_icb_code as commissioner_code,
        valid_from,
        valid_to
    from {{ ref('gp_practice') }}
    where not exists (select 1 from practice)
),

period as (
    select * from loaded
    where coalesce(valid_from <= valid_to, true)
    union all
    select * from embedded
),

successor as (
    select
        organisation_code,
        current_code
    from {{ ref('dim_organisation_successor') }}
),

commissioner as (
    select sub_icb_code
    from {{ ref('dim_commissioner') }}
),

mapped as (
    select
        period.practice_code,
        period.commissioner_code,
        {{ organisation_as_now('period.commissioner_code') }} as current_code,
        period.valid_from,
        period.valid_to,
        row_number() over (
            partition by period.practice_code
            order by period.valid_from desc
        ) = 1 as is_latest
    from period
    left join successor
        on period.commissioner_code = successor.organisation_code
),

final as (
    select
        mapped.practice_code,
        mapped.commissioner_code,
        commissioner.sub_icb_code,
        mapped.valid_from,
        mapped.valid_to,
        mapped.is_latest
    from mapped
    left join commissioner
        on mapped.current_code = commissioner.sub_icb_code
)

select * from final
