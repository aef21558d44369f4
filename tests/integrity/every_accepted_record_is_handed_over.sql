-- What: every accepted record crosses the wall, none twice; what a register repeats is counted.
-- When it matters: on every build; the join to the person spine must neither drop nor repeat rows.
-- How to resolve: look for a person key or a record key that is missing or not unique.
{{ config(group='identifiable') }}

select
    feed,
    submission_id,
    accepted,
    handed_over,
    repeated
from {{ ref('hnd_reconciliation') }}
where handed_over + repeated <> accepted
