with

activity as (
    select
        person_key,
        icb_code,
        sub_icb_code,
        point_of_delivery,
        quarter,
        month,
        bed_days
    from {{ ref('cube_activity_base') }}
),

final as (
    {{ exact_cells('activity_by_month', 'activity') }}
)

select * from final
