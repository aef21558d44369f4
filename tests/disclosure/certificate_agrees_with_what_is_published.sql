-- What: every witness of the certificate has a count for each cell that could be published as the
-- mart publishes it; a withheld cell has at least one person, at most the rule's most where it is
-- taken for small; an unpublished one is not negative. No cell has more people than records.
-- When it matters: on every build, before every release. No solver is used.
-- How to resolve: stop the release; the certificate does not prove what would be published.
-- Source: Fischetti and Salazar, Solving the cell suppression problem on tabular data with linear
-- constraints, Management Science 47 (2001): a cell is protected by tables that readers must hold
-- possible.
with

rule as (
    select
        suppress_hi,
        round_to
    from {{ ref('disclosure_rule') }}
    where {{ is_rule_in_force('activity', 'people') }}
),

published as (
    {{ published_cells() }}
),

certified as (
    {{ certified_tables() }}
),

counted as (
    select
        cell_id,
        witness,
        status,
        is_taken_for_small,
        unnest(['people', 'records']) as measure,
        unnest([people, records]) as counted,
        records >= coalesce(people, 0) as is_possible
    from certified
),

to_be_certified as (
    select
        exact.cell_id,
        exact.measure,
        exact.is_published,
        count(*) over (partition by exact.cell_id) = 1 as is_of_records_alone,
        coalesce(published.status, 'unpublished') as status,
        published.shown
    from ({{ exact_counts() }}) as exact
    left join published
        on
            exact.cell_id = published.cell_id
            and exact.measure = published.measure
    where exact.measure in ('people', 'records')
)

select
    to_be_certified.cell_id,
    counted.witness,
    to_be_certified.measure
from to_be_certified
cross join rule
left join counted
    on
        to_be_certified.cell_id = counted.cell_id
        and to_be_certified.measure = counted.measure
where
    counted.counted is null
    or not counted.is_possible
    or to_be_certified.status <> counted.status
    or to_be_certified.is_published <> (to_be_certified.status <> 'unpublished')
    or not coalesce(
        case
            when to_be_certified.status = 'unpublished'
                then counted.counted >= 0
            when to_be_certified.status = 'withheld'
                then
                    counted.counted >= 1
                    and (
                        not counted.is_taken_for_small
                        or (counted.measure = 'records' and not to_be_certified.is_of_records_alone)
                        or counted.counted <= rule.suppress_hi
                    )
            when to_be_certified.shown = 0
                then counted.counted = 0
            else
                counted.counted > rule.suppress_hi
                and {{ protected_measure('counted.counted', "'shown'", 'rule.round_to') }}
                = to_be_certified.shown
        end,
        false
    )
