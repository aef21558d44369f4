with

waiting as (
    select
        month_end,
        provider_code,
        treatment_function_code,
        week_band
    from {{ ref('fct_rtt_month_end') }}
),

banded as (
    select
        month_end,
        provider_code,
        treatment_function_code,
        week_band,
        count(*)::integer as pathways
    from waiting
    group by
        month_end,
        provider_code,
        treatment_function_code,
        week_band
),

cumulated as (
    select
        *,
        sum(pathways) over (waiting_list order by week_band)::integer as pathways_so_far,
        sum(pathways) over waiting_list::integer as pathways_in_all
    from banded
    window waiting_list as (partition by month_end, provider_code, treatment_function_code)
),

final as (
    select
        provider_code,
        treatment_function_code,

        month_end,
        sum(pathways)::bigint as incomplete_pathways,
        coalesce(sum(pathways) filter (where {{ is_within_18_weeks('week_band') }}), 0)::bigint
            as within_18_weeks,
        within_18_weeks / incomplete_pathways as share_within_18_weeks,
        {{ interpolated_weeks(0.5) }} as median_weeks,
        {{ interpolated_weeks(0.92) }} as weeks_of_92_percent
    from cumulated
    group by
        month_end,
        provider_code,
        treatment_function_code
)

select * from final
