-- What: no provider has more counted activity of a setting in a quarter than rows were received of
-- it.
-- When it matters: on every build; the proof holds activity against the published rows.
-- How to resolve: an activity is counted that was not received, or under another provider or date;
-- mend it, or take the setting out of feeds_of_activity.
select
    cell_id,
    records
from {{ ref('sdc_cell') }}
where
    not is_published
    and records < 0
