with

activity as (
    select
        activity_key,
        activity_date,
        gp_practice_code,
        lsoa_code,
        provider_code,
        commissioner_code
    from {{ ref('fct_activity') }}
),

practice as (
    select
        practice_code,
        sub_icb_code,
        valid_from,
        valid_to
    from {{ ref('gp_practice') }}
),

geography as (
    select
        lsoa_code,
        sub_icb_code
    from {{ ref('dim_geography') }}
),

host as (
    select
        organisation.organisation_code as provider_code,
        min(sub_icb.sub_icb_code) as sub_icb_code
    from {{ ref('dim_organisation') }} as organisation
    inner join {{ ref('sub_icb') }} as sub_icb
        on organisation.parent_code = sub_icb.icb_code
    group by organisation.organisation_code
),

candidates as (
    select
        activity.activity_key,
        activity.activity_date >= date '{{ var("derived_commissioner_from") }}' as is_derived,
        activity.commissioner_code as recorded_code,
        practice.sub_icb_code as practice_code,
        geography.sub_icb_code as residence_code,
        host.sub_icb_code as host_code
    from activity
    left join practice
        on
            activity.gp_practice_code = practice.practice_code
            and {{ in_force('practice.valid_from', 'practice.valid_to', 'activity.activity_date') }}
    left join geography
        on activity.lsoa_code = geography.lsoa_code
    left join host
        on activity.provider_code = host.provider_code
),

final as (
    select
        activity_key,
        case
            when is_derived then coalesce(practice_code, residence_code, host_code)
            else recorded_code
        end as responsible_commissioner_code,
        case
            when not is_derived then 'recorded_purchaser'
            when practice_code is not null then 'gp_practice'
            when residence_code is not null then 'residence'
            when host_code is not null then 'provider_host'
            else 'not_established'
        end as basis
    from candidates
)

select * from final
