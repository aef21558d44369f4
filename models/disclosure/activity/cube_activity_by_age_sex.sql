with

activity as (
    select
        person_key,
        icb_code,
        sub_icb_code,
        point_of_delivery,
        age_band,
        sex,
        quarter,
        bed_days
    from {{ ref('cube_activity_base') }}
),

final as (
    select
        coalesce(icb_code, 'ALL') as icb_code,
        coalesce(sub_icb_code, 'ALL') as sub_icb_code,
        coalesce(point_of_delivery, 'ALL') as point_of_delivery,
        coalesce(age_band, 'ALL') as age_band,
        coalesce(sex, 'ALL') as sex,
        quarter,
        count(*) as records,
        count(distinct person_key) as people,
        sum(bed_days)::bigint as bed_days
    from activity
    group by
        quarter,
        rollup(icb_code, sub_icb_code),
        cube(point_of_delivery, age_band, sex)
)

select * from final
