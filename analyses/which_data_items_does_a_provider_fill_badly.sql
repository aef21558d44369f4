-- Which data items does each provider fill badly? Scores below 90 % over all months. Exact: not for
-- release.
select
    feed,
    provider_code,
    data_item,
    sum(record_count) as records,
    round(sum(valid_count - defaults_in_excess) / sum(record_count) * 100, 1) as score
from {{ ref('dq_scorecard') }}
group by
    feed,
    provider_code,
    data_item
having sum(valid_count - defaults_in_excess) < 0.9 * sum(record_count)
order by
    score asc,
    feed asc,
    provider_code asc,
    data_item asc
