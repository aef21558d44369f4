with

month_start as (
    select
        unnest(
            generate_series(date '2000-04-01', date '2035-03-01', interval 1 month)
        )::date as month_start
),

final as (
    select
        {{ calendar_month('month_start') }} as calendar_month,
        {{ financial_quarter('month_start') }} as financial_quarter,
        {{ financial_year('month_start') }} as financial_year,
        month_start,
        last_day(month_start) as month_end
    from month_start
)

select * from final
