-- What: no cell with 1 to 7 people or records is shown, no withheld cell carries a number, and
-- every cell is published.
-- When it matters: on every build, before every release.
-- How to resolve: stop the release; sdc_pattern or a mart does not follow the rule.
-- Source: NHS Digital, change to disclosure control methodology for HES and ECDS, September 2018.
with

exact as (
    select
        cell_id,
        people,
        records
    from {{ ref('sdc_cell') }}
),

rule as (
    select
        suppress_lo,
        suppress_hi
    from {{ ref('disclosure_rule') }}
    where {{ is_rule_in_force('activity', 'people') }}
),

published as (
    {{ published_cells() }}
)

select
    exact.cell_id,
    published.status
from exact
full outer join published
    on exact.cell_id = published.cell_id
left join rule
    on true
where
    exact.cell_id is null
    or published.cell_id is null
    or (
        published.status <> 'withheld'
        and coalesce({{ is_primary(
            'exact.people', 'exact.records', 'rule.suppress_lo', 'rule.suppress_hi'
        ) }}, true)
    )
    or (
        published.status = 'withheld'
        and coalesce(published.records, published.people, published.bed_days) is not null
    )
    or (
        published.status = 'shown'
        and (published.records is null or published.people is null or published.bed_days is null)
    )
