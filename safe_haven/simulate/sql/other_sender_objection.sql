-- A file of a trust that would end other people's choices on the day on which they began.
select
    nhs_number,
    kind,
    valid_from,
    valid_from as valid_to
from objection
order by nhs_number, kind
limit 25
