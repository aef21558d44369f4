-- What: each measure of a protected data set has exactly one disclosure rule in force, and no end
-- is set to it: the solver reads the rule without an end, the marts that of the release date.
-- When it matters: when seeds/rules/disclosure_rule changes, or the release date moves.
-- How to resolve: close the old rule the day before the new one starts, and enter no rule ahead.
with

measure as (
    select unnest(['people', 'records', 'bed_days']) as measure
),

rule as (
    select
        measure,
        valid_from,
        valid_to
    from {{ ref('disclosure_rule') }}
    where
        data_set = 'activity'
        and {{ in_force('valid_from', 'valid_to', release_date()) }}
)

select
    measure,
    count(rule.valid_from) as rules,
    count(rule.valid_to) as rules_with_an_end
from measure
full outer join rule using (measure)
group by measure
having count(rule.valid_from) <> 1 or count(rule.valid_to) <> 0
