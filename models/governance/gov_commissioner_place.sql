with

activity as (
    select
        activity_key,
        activity_date as assignment_date,
        gp_practice_code,
        lsoa_code,
        residence_class,
        justice_hub_code,
        provider_code
    from {{ ref('fct_activity') }}
),

cam_version as (
    select
        cam_version,
        valid_from,
        valid_to
    from {{ ref('cam_version') }}
),

armed_forces_practice as (
    select
        practice_code,
        valid_from,
        valid_to
    from {{ ref('armed_forces_practice') }}
),

prison_practice as (
    select
        practice_code,
        justice_hub_code
    from {{ ref('prison_practice') }}
),

practice as (
    select
        practice_code,
        sub_icb_code,
        valid_from,
        valid_to
    from {{ ref('dim_gp_practice') }}
    where
        sub_icb_code is not null
        and practice_code not in (
            select armed_forces_practice.practice_code from armed_forces_practice
        )
        and practice_code not in (select prison_practice.practice_code from prison_practice)
),

welsh_practice as (
    select
        practice_code,
        health_board_code,
        valid_from,
        valid_to
    from {{ ref('welsh_practice') }}
),

english_area as (
    select
        lsoa_code,
        local_authority_code,
        sub_icb_code,
        icb_code
    from {{ ref('dim_geography') }}
),

welsh_area as (
    select
        lsoa_code,
        local_authority_code,
        health_board_code
    from {{ ref('lsoa_2011_wales') }}
),

border_area as (
    select area_code
    from {{ ref('welsh_border_area') }}
),

host as (
    select
        organisation.organisation_code as provider_code,
        min(sub_icb.sub_icb_code) as sub_icb_code
    from {{ ref('dim_organisation') }} as organisation
    inner join {{ ref('dim_commissioner') }} as sub_icb
        on organisation.parent_code = sub_icb.icb_code
    where organisation.is_latest
    group by organisation.organisation_code
),

-- Joins over periods stand alone, each inner and on its code, so that none of them compares every
-- activity with every row of a list.
assigned as (
    select
        activity.activity_key,
        activity.assignment_date,
        activity.gp_practice_code,
        activity.provider_code,
        activity.residence_class,
        activity.justice_hub_code,
        case when activity.residence_class = 'england' then activity.lsoa_code end
            as english_lsoa_code,
        case when activity.residence_class = 'wales' then activity.lsoa_code end
            as welsh_lsoa_code,
        cam_version.cam_version
    from activity
    inner join cam_version
        on
            {{ in_force(
                'cam_version.valid_from', 'cam_version.valid_to', 'activity.assignment_date'
            ) }}
),

open_practice as (
    select
        assigned.activity_key,
        practice.sub_icb_code
    from assigned
    inner join practice
        on
            assigned.gp_practice_code = practice.practice_code
            and {{ in_force(
                'practice.valid_from', 'practice.valid_to', 'assigned.assignment_date'
            ) }}
),

open_armed_forces_practice as (
    select
        assigned.activity_key,
        true as is_armed_forces_practice
    from assigned
    inner join armed_forces_practice
        on
            assigned.gp_practice_code = armed_forces_practice.practice_code
            and {{ in_force(
                'armed_forces_practice.valid_from',
                'armed_forces_practice.valid_to',
                'assigned.assignment_date'
            ) }}
),

open_welsh_practice as (
    select
        assigned.activity_key,
        welsh_practice.health_board_code
    from assigned
    inner join welsh_practice
        on
            assigned.gp_practice_code = welsh_practice.practice_code
            and {{ in_force(
                'welsh_practice.valid_from', 'welsh_practice.valid_to', 'assigned.assignment_date'
            ) }}
),

placed as (
    select
        assigned.activity_key,
        assigned.cam_version,
        assigned.assignment_date,
        assigned.residence_class,
        assigned.justice_hub_code,
        open_practice.sub_icb_code as practice_sub_icb_code,
        english_area.sub_icb_code as residence_sub_icb_code,
        host.sub_icb_code as host_sub_icb_code,
        english_area.local_authority_code,
        open_welsh_practice.health_board_code as practice_health_board_code,
        welsh_area.health_board_code as residence_health_board_code,
        prison_practice.justice_hub_code as practice_justice_hub_code,
        coalesce(open_armed_forces_practice.is_armed_forces_practice, false)
            as is_armed_forces_practice,
        border_area.area_code is not null as is_border_area
    from assigned
    left join open_practice using (activity_key)
    left join open_armed_forces_practice using (activity_key)
    left join open_welsh_practice using (activity_key)
    left join prison_practice
        on assigned.gp_practice_code = prison_practice.practice_code
    left join english_area
        on assigned.english_lsoa_code = english_area.lsoa_code
    left join welsh_area
        on assigned.welsh_lsoa_code = welsh_area.lsoa_code
    left join border_area
        on coalesce(english_area.icb_code, welsh_area.local_authority_code) = border_area.area_code
    left join host
        on assigned.provider_code = host.provider_code
),

final as (
    select
        activity_key,

        cam_version,
        is_armed_forces_practice,
        coalesce(
            practice_sub_icb_code is not null
            or is_armed_forces_practice
            or practice_justice_hub_code is not null,
            false
        ) as is_english_practice,
        practice_health_board_code is not null as is_welsh_practice,
        is_border_area,
        residence_class,

        coalesce(practice_sub_icb_code, residence_sub_icb_code, host_sub_icb_code)
            as responsible_sub_icb_code,
        case
            when practice_sub_icb_code is not null then 'gp_practice'
            when residence_sub_icb_code is not null then 'residence'
            when host_sub_icb_code is not null then 'provider_host'
        end as responsible_basis,
        host_sub_icb_code,
        coalesce(justice_hub_code, practice_justice_hub_code) as prison_hub_code,
        case
            when justice_hub_code is not null then 'residence'
            when practice_justice_hub_code is not null then 'gp_practice'
        end as prison_hub_basis,
        local_authority_code,
        coalesce(practice_health_board_code, residence_health_board_code) as devolved_body_code,
        case
            when practice_health_board_code is not null then 'gp_practice'
            when residence_health_board_code is not null then 'residence'
        end as devolved_body_basis,

        assignment_date
    from placed
)

select * from final
