with

activity as (
    select
        activity_key,
        person_key,
        age_band,
        sex,
        provider_code,
        point_of_delivery,
        financial_quarter,
        activity_month,
        bed_days
    from {{ ref('fct_activity') }}
    where
        is_complete
        and activity_date >= date '{{ var("mart_period_start") }}'
),

commissioner as (
    select
        activity_key,
        responsible_commissioner_code
    from {{ ref('gov_responsible_commissioner') }}
),

sub_icb as (
    select
        sub_icb_code,
        icb_code
    from {{ ref('dim_commissioner') }}
),

point_of_delivery as (
    select
        point_of_delivery,
        published_point_of_delivery
    from {{ ref('point_of_delivery') }}
),

registered as (
    {{ registered_organisations() }}
),

-- A person has one sex and one age band in a quarter, so that people add over both.
one_description as (
    select
        activity_key,
        min(age_band) over (partition by person_key, financial_quarter) as age_band,
        min(coalesce(sex, 'unknown')) over (partition by person_key, financial_quarter) as sex
    from activity
),

final as (
    select
        activity.activity_key,
        activity.person_key,
        sub_icb.icb_code,
        sub_icb.sub_icb_code,
        {{ published_organisation('activity.provider_code', 'registered') }} as provider_code,
        point_of_delivery.published_point_of_delivery as point_of_delivery,
        case
            when one_description.age_band < '20' then '00-19'
            when one_description.age_band < '65' then '20-64'
            when one_description.age_band < '80' then '65-79'
            when one_description.age_band < 'A' then '80+'
            else 'unknown'
        end as age_band,
        one_description.sex,
        activity.financial_quarter as quarter,
        activity.activity_month as month,
        activity.bed_days
    from activity
    inner join one_description using (activity_key)
    inner join point_of_delivery
        on activity.point_of_delivery = point_of_delivery.point_of_delivery
    inner join commissioner using (activity_key)
    inner join sub_icb
        on commissioner.responsible_commissioner_code = sub_icb.sub_icb_code
    left join registered
        on activity.provider_code = registered.organisation_code
)

select * from final
