with

exact as (
    select
        icb_code,
        sub_icb_code,
        provider_code,
        point_of_delivery,
        quarter,
        records,
        people,
        bed_days
    from {{ ref('cube_activity_by_provider') }}
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
    {{ protected_cells('activity_by_provider', 'exact', 'pattern', 'rule') }}
)

select * from final
