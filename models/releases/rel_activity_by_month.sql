with

scope as (
    select
        agreement_id,
        icb_code,
        sub_icb_code,
        period_start,
        period_end
    from {{ ref('gov_aggregate_scope') }}
    where data_set = 'mart_activity_by_month'
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
        point_of_delivery,
        quarter,
        month,
        records,
        people,
        bed_days,
        status
    from {{ ref('mart_activity_by_month') }}
),

final as (
    select
        scope.agreement_id,
        mart.icb_code,
        mart.sub_icb_code,
        mart.point_of_delivery,
        mart.quarter,
        mart.month,
        mart.records,
        mart.people,
        mart.bed_days,
        mart.status
    from mart
    inner join scope
        on
            mart.icb_code = scope.icb_code
            and mart.sub_icb_code = scope.sub_icb_code
    inner join quarter
        on
            mart.quarter = quarter.quarter
            and scope.period_start <= quarter.quarter_start
            and scope.period_end >= quarter.quarter_end
)

select * from final
