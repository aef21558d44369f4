with

activity as (
    select
        person_key,
        icb_code,
        sub_icb_code,
        provider_code,
        point_of_delivery,
        quarter,
        bed_days
    from {{ ref('cube_activity_base') }}
),

final as (
    {{ exact_cells('activity_by_provider', 'activity') }}
)

select * from final
