-- The index of a provider also needs its coverage, the data sets it owes, which no register at hand
-- says.
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

default_tolerance as (
    select
        data_item,
        tolerated_share
    from {{ ref('default_tolerance') }}
),

tolerated as (
    select
        quality_item.feed,
        quality_item.provider_code,
        quality_item.activity_month,
        quality_item.data_item,
        quality_item.record_count,
        quality_item.valid_count,
        quality_item.default_count,
        quality_item.invalid_count,
        quality_item.missing_count,
        coalesce(default_tolerance.tolerated_share, 0) as tolerated_share,
        greatest(
            quality_item.default_count
            - coalesce(default_tolerance.tolerated_share, 0) * quality_item.record_count,
            0
        )::double as defaults_in_excess
    from quality_item
    left join default_tolerance using (data_item)
),

final as (
    select
        feed,
        provider_code,
        activity_month,
        data_item,
        record_count,
        valid_count,
        default_count,
        invalid_count,
        missing_count,
        tolerated_share,
        defaults_in_excess,
        round((valid_count - defaults_in_excess) / record_count * 100, 1) as score
    from tolerated
)

select * from final
