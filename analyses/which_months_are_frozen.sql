-- Which months are frozen, and how much came after the cut? By feed and month of care: the last cut
-- that has passed, the records it knew, and those that stand today but came too late for it.
select
    feed,
    month_start,
    cut,
    cut_on,
    cut = 'freeze' as is_frozen,
    records,
    records_now,
    came_after_the_cut
from {{ ref('hnd_submission_cut') }}
where is_published
order by
    feed asc,
    month_start asc
