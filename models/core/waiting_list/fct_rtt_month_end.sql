with

pathway as (
    select
        record_key,
        person_key,
        is_person_established,
        age_band,
        sex,
        lsoa_code,
        gp_practice_code,
        provider_code,
        commissioner_code,
        treatment_function_code,
        clock_start_date,
        clock_stop_date
    from {{ ref('fct_rtt_pathway') }}
),

-- the months that the pathways cover: none after the last clock start or stop
covered as (
    select last_day(max(greatest(clock_start_date, clock_stop_date))) as last_month_end
    from pathway
),

month_end as (
    select month_end
    from {{ ref('dim_month') }}
    where month_start >= date '{{ var("mart_period_start") }}'
),

waiting as (
    select
        pathway.*,
        month_end.month_end,
        month_end.month_end - pathway.clock_start_date as days_waited
    from month_end
    inner join covered on month_end.month_end <= covered.last_month_end
    inner join pathway
        on
            month_end.month_end >= pathway.clock_start_date
            and coalesce(month_end.month_end < pathway.clock_stop_date, true)
),

final as (
    select
        record_key,
        person_key,

        is_person_established,
        age_band,
        sex,
        lsoa_code,
        gp_practice_code,
        provider_code,
        commissioner_code,
        treatment_function_code,

        month_end,
        clock_start_date,
        days_waited,
        {{ week_band('days_waited') }} as week_band,
        {{ is_within_18_weeks(week_band('days_waited')) }} as is_within_18_weeks
    from waiting
)

select * from final
