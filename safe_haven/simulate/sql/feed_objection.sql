-- Feed objection: one row per person, kind of objection and period.
select
    nhs_number,
    kind,
    valid_from,
    valid_to
from objection
