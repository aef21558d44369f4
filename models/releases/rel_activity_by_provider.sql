with

scope as (
    select
        agreement_id,
        icb_code,
        sub_icb_code,
        period_start,
        period_end
    from {{ ref('gov_aggregate_scope') }}
    where data_set = 'mart_activity_by_provider'
),

quarter as (
    select
        financial_quarter as quarter,
        min(month_start) as quarter_start,
        max(month_end) as quarter_end
    from {{ ref('dim_month') }}
    group by financial_quarter
),

mart as (
    select
        icb_code,
        sub_icb_code,
        provider_code,
        point_of_delivery,
        quarter,
        records,
        people,
        bed_days,
        status
    from {{ ref('mart_activity_by_provider') }}
),

final as (
    {{ owed_cells('activity_by_provider', 'scope', 'quarter', 'mart') }}
)

select * from final
