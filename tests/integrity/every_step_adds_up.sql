-- What: rows in = rows out + named exclusions at every step of every feed: received, staged, handed
-- over, in the core fact, counted as activity; and each step begins with what the one before left.
-- When it matters: on every build; a row lost on the way is a patient's care that nobody counts.
-- How to resolve: look at the step of the feed in dq_reconciliation; a join drops or repeats rows.
with

step as (
    select
        feed,
        step,
        rows_in,
        rows_out,
        unexplained,
        lag(rows_out) over (partition by feed order by step) as rows_out_before
    from {{ ref('dq_reconciliation') }}
)

select
    feed,
    step,
    rows_in,
    rows_out,
    unexplained,
    rows_out_before
from step
where unexplained <> 0 or rows_in <> rows_out_before
