with

resource_group_of as (
    select
        spell_key as activity_key,
        hrg_code,
        adjusted_length_of_stay_days
    from {{ ref('fct_apc_spell') }}
    union all
    select
        record_key as activity_key,
        hrg_code,
        0 as adjusted_length_of_stay_days
    from {{ ref('fct_outpatient_appointment') }}
),

activity as (
    select
        activity.activity_key,
        activity.setting,
        activity.provider_code,
        activity.administrative_category,
        activity.treatment_function_code,
        activity.point_of_delivery,
        resource_group_of.hrg_code,
        activity.is_complete,
        activity.activity_date,
        resource_group_of.adjusted_length_of_stay_days
    from {{ ref('fct_activity') }} as activity
    left join resource_group_of using (activity_key)
),

point_of_delivery as (
    select
        point_of_delivery,
        price_basis
    from {{ ref('point_of_delivery') }}
),

provider_region as (
    select distinct
        organisation.organisation_code as provider_code,
        commissioner.region_code
    from {{ ref('dim_organisation') }} as organisation
    inner join {{ ref('dim_commissioner') }} as commissioner
        on organisation.parent_code = commissioner.icb_code
    where organisation.organisation_role = 'trust' and organisation.is_latest
),

excluded_function as (
    select
        treatment_function_code_from,
        treatment_function_code_to
    from {{ ref('price_exclusion') }}
),

price as (
    select
        price.hrg_code,
        price.price_basis,
        price.price_pounds,
        price.excess_bed_day_pounds,
        resource_group.trim_point_days,
        price.is_invented,
        price.valid_from,
        price.valid_to
    from {{ ref('hrg_price') }} as price
    left join {{ ref('healthcare_resource_group') }} as resource_group using (hrg_code)
),

market_forces as (
    select
        region_code,
        market_forces_factor,
        valid_from,
        valid_to
    from {{ ref('market_forces_factor') }}
),

found as (
    select
        activity.activity_key,
        activity.setting,
        activity.hrg_code,
        activity.point_of_delivery,
        price.price_basis,
        case
            when activity.administrative_category = '02' then 'private_patient'
            when not activity.is_complete then 'not_completed'
            when excluded_function.treatment_function_code_from is not null
                then 'service_without_price'
            when activity.hrg_code is null then 'no_group'
            when price.price_pounds is null then 'no_price_for_group'
        end as reason_without_price,
        activity.activity_date,
        case
            when price.excess_bed_day_pounds is null then 0
            else {{ excess_bed_days(
                'activity.adjusted_length_of_stay_days', 'price.trim_point_days'
            ) }}
        end as excess_bed_days,
        price.price_pounds,
        coalesce(price.excess_bed_day_pounds, 0) as excess_bed_day_pounds,
        coalesce(market_forces.market_forces_factor, 1) as market_forces_factor,
        price.is_invented
    from activity
    left join point_of_delivery using (point_of_delivery)
    left join provider_region using (provider_code)
    left join excluded_function
        on
            activity.treatment_function_code
            between excluded_function.treatment_function_code_from
            and excluded_function.treatment_function_code_to
    left join price
        on
            activity.hrg_code = price.hrg_code
            and point_of_delivery.price_basis = price.price_basis
            and {{ in_force('price.valid_from', 'price.valid_to', 'activity.activity_date') }}
    left join market_forces
        on
            provider_region.region_code = market_forces.region_code
            and {{ in_force(
                'market_forces.valid_from', 'market_forces.valid_to', 'activity.activity_date'
            ) }}
),

final as (
    select
        activity_key,
        setting,
        hrg_code,
        point_of_delivery,
        price_basis,
        reason_without_price,
        coalesce(is_invented, false) as is_price_invented,
        activity_date,
        excess_bed_days::bigint as excess_bed_days,
        case when reason_without_price is null then price_pounds end as base_pounds,
        case
            when reason_without_price is null then excess_bed_days * excess_bed_day_pounds
        end::decimal(12, 2) as excess_bed_days_pounds,
        market_forces_factor::decimal(6, 4) as market_forces_factor,
        case
            when reason_without_price is null
                then (price_pounds + excess_bed_days * excess_bed_day_pounds) * market_forces_factor
        end::decimal(14, 2) as total_pounds
    from found
)

select * from final
