with

exact as (
    select
        icb_code,
        sub_icb_code,
        point_of_delivery,
        quarter,
        month,
        records,
        people,
        bed_days
    from {{ ref('cube_activity_by_month') }}
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
    {{ protected_cells('activity_by_month', 'exact', 'pattern', 'rule') }}
)

select * from final
