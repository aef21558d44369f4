-- What: rows received = test rows + after the cut + refused (by rule, or for a Type 1 objection) +
-- superseded + deletions and what they deleted + replaced by bulk + accepted, for every submission.
-- When it matters: on every build; a row lost on the way is a patient's care that nobody counts.
-- How to resolve: compare the landing file with its envelope; load the submission again.
{{ config(group='identifiable') }}

select
    feed,
    submission_id,
    received,
    unexplained
from {{ ref('hnd_reconciliation') }}
where unexplained <> 0
