with

quality_item as (
    select
        feed,
        provider_code,
        activity_month,
        data_item,
        record_count,
        valid_count,
        default_count,
        invalid_count,
        missing_count
    from {{ ref('hnd_quality_item') }}
),

published_data_item as (
    select data_item
    from {{ ref('published_data_item') }}
),

calendar as (
    select
        calendar_month,
        financial_quarter
    from {{ ref('dim_month') }}
    where month_end >= date '{{ var("mart_period_start") }}'
),

registered as (
    {{ registered_organisations() }}
),

item as (
    select
        quality_item.feed,
        {{ published_organisation('quality_item.provider_code', 'registered') }} as provider_code,
        calendar.financial_quarter as quarter,
        quality_item.data_item,
        quality_item.record_count,
        quality_item.valid_count,
        quality_item.default_count,
        quality_item.invalid_count,
        quality_item.missing_count
    from quality_item
    inner join published_data_item using (data_item)
    inner join calendar
        on quality_item.activity_month = calendar.calendar_month
    left join registered
        on quality_item.provider_code = registered.organisation_code
),

outcome as (
    select
        feed,
        provider_code,
        quarter,
        data_item,
        unnest(['valid', 'default', 'invalid', 'missing']) as outcome,
        unnest(
            [valid_count - default_count, default_count, invalid_count, missing_count]
        ) as records
    from item
),

-- All rows are the rows of any one item.
all_outcomes as (
    select
        feed,
        provider_code,
        quarter,
        'ALL' as data_item,
        'ALL' as outcome,
        record_count as records
    from item
    where data_item = 'nhs_number'
),

counted as (
    select * from outcome
    union all by name
    select * from all_outcomes
),

final as (
    select
        feed,
        coalesce(provider_code, 'ALL') as provider_code,
        data_item,
        outcome,
        quarter,
        sum(records)::bigint as records
    from counted
    where records > 0
    group by feed, data_item, outcome, quarter, rollup(provider_code)
)

select * from final
