-- What: every accepted record of care, of a practice or of money crosses the wall, none twice.
-- When it matters: on every build; the join to the person spine must neither drop nor repeat rows.
-- How to resolve: look for a person key or a record key that is missing or not unique.
{{ config(group='identifiable') }}

select
    feed,
    submission_id,
    accepted,
    handed_over
from {{ ref('hnd_reconciliation') }}
where handed_over <> accepted
