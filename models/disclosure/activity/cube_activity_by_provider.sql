with

activity as (
    select
        person_key,
        icb_code,
        sub_icb_code,
        provider_code,
        point_of_delivery,
        quarter,
        month,
        bed_days
    from {{ ref('cube_activity_base') }}
),

final as (
    select
        coalesce(icb_code, 'ALL') as icb_code,
        coalesce(sub_icb_code, 'ALL') as sub_icb_code,
        coalesce(provider_code, 'ALL') as provider_code,
        coalesce(point_of_delivery, 'ALL') as point_of_delivery,
        quarter,
        coalesce(month, 'ALL') as month,
        count(*) as records,
        count(distinct person_key) as people,
        sum(bed_days)::bigint as bed_days
    from activity
    group by
        quarter,
        rollup(icb_code, sub_icb_code),
        cube(provider_code, point_of_delivery),
        rollup(month)
)

select * from final
