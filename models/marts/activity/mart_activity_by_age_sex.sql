with

exact as (
    select
        {{ cell_id(
            activity_by_age_sex_coordinates()
        ) }} as cell_id,
        icb_code,
        sub_icb_code,
        point_of_delivery,
        age_band,
        sex,
        quarter,
        records,
        people,
        bed_days
    from {{ ref('cube_activity_by_age_sex') }}
),

pattern as (
    select
        cell_id,
        status
    from {{ ref('sdc_pattern') }}
),

rule as (
    select round_to
    from {{ ref('disclosure_rule') }}
    where {{ is_rule_in_force('activity', 'records') }}
),

final as (
    select
        exact.icb_code,
        exact.sub_icb_code,
        exact.point_of_delivery,
        exact.age_band,
        exact.sex,
        exact.quarter,
        {{ protected_measure('exact.records', 'pattern.status', 'rule.round_to') }} as records,
        {{ protected_measure('exact.people', 'pattern.status', 'rule.round_to') }} as people,
        {{ protected_measure('exact.bed_days', 'pattern.status', 'rule.round_to') }} as bed_days,
        pattern.status
    from exact
    inner join pattern using (cell_id)
    cross join rule
)

select * from final
