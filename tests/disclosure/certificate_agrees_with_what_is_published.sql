-- What: every witness of the certificate has a count for each cell that could be published as the
-- mart publishes it, and a withheld cell has at least one person, at most the rule's most where it
-- is taken for small.
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

counted as (
    {{ certified_tables() }}
),

measured as (
    select
        published.cell_id,
        counted.witness,
        published.status,
        counted.status as certified_status,
        counted.is_taken_for_small,
        unnest(['people', 'records']) as measure,
        unnest([counted.people, counted.records]) as counted,
        unnest([published.people, published.records]) as shown,
        counted.records >= counted.people as is_possible
    from published
    left join counted
        on published.cell_id = counted.cell_id
)

select
    measured.cell_id,
    measured.witness,
    measured.measure
from measured
cross join rule
where
    measured.witness is null
    or measured.status <> measured.certified_status
    or not measured.is_possible
    or not coalesce(
        case
            when measured.status = 'withheld'
                then
                    measured.counted >= 1
                    and (
                        measured.measure = 'records'
                        or not measured.is_taken_for_small
                        or measured.counted <= rule.suppress_hi
                    )
            when measured.shown = 0
                then measured.counted = 0
            else
                measured.counted > rule.suppress_hi
                and {{ protected_measure('measured.counted', "'shown'", 'rule.round_to') }}
                = measured.shown
        end,
        false
    )
