with

activity as (
    select
        activity_key,
        lsoa_code,
        residence_class,
        justice_hub_code,
        provider_code
    from {{ ref('fct_activity') }}
),

practice as (
    select
        activity_key,
        cam_version,
        is_armed_forces_practice,
        practice_sub_icb_code,
        practice_justice_hub_code,
        practice_health_board_code,
        assignment_date
    from {{ ref('gov_commissioner_practice') }}
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

assigned as (
    select
        activity.residence_class,
        activity.justice_hub_code,
        activity.provider_code,
        case when activity.residence_class = 'england' then activity.lsoa_code end
            as english_lsoa_code,
        case when activity.residence_class = 'wales' then activity.lsoa_code end
            as welsh_lsoa_code,
        practice.*
    from activity
    inner join practice using (activity_key)
),

placed as (
    select
        assigned.*,
        english_area.sub_icb_code as residence_sub_icb_code,
        host.sub_icb_code as host_sub_icb_code,
        english_area.local_authority_code,
        welsh_area.health_board_code as residence_health_board_code,
        border_area.area_code is not null as is_border_area
    from assigned
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
