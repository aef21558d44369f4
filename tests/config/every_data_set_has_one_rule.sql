-- What: people and records of every protected data set have exactly one disclosure rule in force.
-- When it matters: when seeds/rules/disclosure_rule changes, or the release date moves.
-- How to resolve: close the old rule the day before the new one starts.
select
    measure,
    count(*) as rules
from {{ ref('disclosure_rule') }}
where
    data_set = 'activity'
    and {{ in_force('valid_from', 'valid_to', release_date()) }}
group by measure
having count(*) <> 1
