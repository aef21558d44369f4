with

cell as (
    select
        feed,
        provider_code,
        quarter,
        data_item,
        outcome,
        records,
        status
    from {{ ref('mart_quality_by_provider') }}
),

default_tolerance as (
    select
        data_item,
        tolerated_share
    from {{ ref('default_tolerance') }}
),

all_rows as (
    select
        feed,
        provider_code,
        quarter,
        records
    from cell
    where
        outcome = 'ALL'
        and status = 'shown'
),

-- An outcome that nobody has is not listed and is 0; a withheld one is not known.
item as (
    select
        feed,
        provider_code,
        quarter,
        data_item,
        coalesce(bool_or(status = 'withheld') filter (where outcome in ('valid', 'default')), false)
            as is_withheld,
        coalesce(max(records) filter (where outcome = 'valid'), 0) as valid_records,
        coalesce(max(records) filter (where outcome = 'default'), 0) as default_records
    from cell
    where outcome <> 'ALL'
    group by
        feed,
        provider_code,
        quarter,
        data_item
),

share as (
    select
        item.feed,
        item.provider_code,
        item.quarter,
        item.data_item,
        all_rows.records,
        item.valid_records + least(
            item.default_records,
            coalesce(default_tolerance.tolerated_share, 0) * all_rows.records
        ) as good_records
    from item
    inner join all_rows
        on
            item.feed = all_rows.feed
            and item.provider_code = all_rows.provider_code
            and item.quarter = all_rows.quarter
    left join default_tolerance
        on item.data_item = default_tolerance.data_item
    where not item.is_withheld
),

final as (
    select
        feed,
        provider_code,
        quarter,
        data_item,
        records,
        least(round(good_records / records * 100), 100)::integer as score
    from share
)

select * from final
