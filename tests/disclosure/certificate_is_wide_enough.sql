-- What: every count that is small, and every other one not shown that anybody could take for small,
-- lies as far apart in two witnesses as the rule requires.
-- When it matters: on every build, before every release. No solver is used.
-- How to resolve: stop the release; the certificate does not prove what would be published.
-- Source: Fischetti and Salazar, Solving the cell suppression problem on tabular data with linear
-- constraints, Management Science 47 (2001): a cell is protected by tables that readers must hold
-- possible.
with

rule as (
    select
        suppress_lo,
        suppress_hi,
        required_width
    from {{ ref('disclosure_rule') }}
    where {{ is_rule_in_force('activity', 'people') }}
),

exact as (
    {{ exact_counts() }}
),

counted as (
    select
        cell_id,
        status,
        unnest(['people', 'records']) as measure,
        unnest([people, records]) as counted
    from {{ ref('sdc_certificate') }}
),

reached as (
    select
        cell_id,
        measure,
        any_value(status) as certified_status,
        min(counted) as smallest,
        max(counted) as largest
    from counted
    group by
        cell_id,
        measure
)

select
    exact.cell_id,
    exact.measure
from exact
cross join rule
left join reached
    on
        exact.cell_id = reached.cell_id
        and exact.measure = reached.measure
where
    (
        exact.counted between rule.suppress_lo and rule.suppress_hi
        or (reached.certified_status <> 'shown' and reached.smallest <= rule.suppress_hi)
    )
    and exact.measure in ('people', 'records')
    and coalesce(reached.largest - reached.smallest < rule.required_width, true)
