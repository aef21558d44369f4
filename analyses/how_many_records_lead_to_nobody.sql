-- How many records that name a person led to nobody, and what was their NHS number worth? By feed.
select
    feed,
    number_status,
    sum(record_count) as records,
    coalesce(sum(record_count) filter (where not is_person_established), 0) as led_to_nobody,
    coalesce(sum(record_count) filter (where match_step is null), 0) as found_by_no_step
from {{ ref('hnd_trace_count') }}
group by
    feed,
    number_status
order by
    feed asc,
    number_status asc
