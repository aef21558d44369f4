-- What: in every witness of the certificate each total is the sum of its parts; of people, where a
-- person can be in two parts, no less than the largest part and no more than the sum.
-- When it matters: on every build, before every release. No solver is used.
-- How to resolve: stop the release; the certificate does not prove what would be published.
-- Source: Fischetti and Salazar, Solving the cell suppression problem on tabular data with linear
-- constraints, Management Science 47 (2001): a cell is protected by tables that readers must hold
-- possible.
with

counted as (
    {{ certified_tables() }}
),

summed as (
    select
        relation.relation_id,
        total.witness,
        total.records,
        total.people,
        any_value(relation.people_adds) as people_adds,
        bool_and(exact_total.people is not null and exact_part.people is not null) as counts_people,
        sum(part.records) as records_of_parts,
        sum(part.people) as people_of_parts,
        max(part.people) as people_of_largest_part
    from {{ ref('sdc_relation') }} as relation
    inner join {{ ref('sdc_cell') }} as exact_total
        on relation.total_cell_id = exact_total.cell_id
    inner join {{ ref('sdc_cell') }} as exact_part
        on relation.part_cell_id = exact_part.cell_id
    inner join counted as total
        on relation.total_cell_id = total.cell_id
    left join counted as part
        on
            relation.part_cell_id = part.cell_id
            and total.witness = part.witness
    group by
        relation.relation_id,
        total.witness,
        total.records,
        total.people
)

select
    relation_id,
    witness
from summed
where
    not coalesce(records = records_of_parts, false)
    or (
        counts_people
        and not coalesce(
            people between people_of_largest_part and people_of_parts
            and (not people_adds or people = people_of_parts),
            false
        )
    )
