with

activity as (
    select
        person_key,
        icb_code,
        sub_icb_code,
        age_band,
        sex,
        quarter,
        bed_days
    from {{ ref('cube_activity_base') }}
),

final as (
    {{ exact_cells('activity_by_age_sex', 'activity') }}
)

select * from final
