with

exact as (
    select
        feed,
        provider_code,
        data_item,
        outcome,
        quarter,
        records
    from {{ ref('cube_quality_by_provider') }}
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
    where {{ is_rule_in_force('data_quality', 'records') }}
),

final as (
    {{ protected_cells('quality_by_provider', 'exact', 'pattern', 'rule') }}
)

select * from final
