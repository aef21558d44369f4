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

published as (
    {{ published_cells() }}
)

select
    exact.cell_id,
    published.status
from exact
full outer join published
    on exact.cell_id = published.cell_id
where
    exact.cell_id is null
    or published.cell_id is null
    or (
        published.status <> 'withheld'
        and (exact.people between 1 and 7 or exact.records between 1 and 7)
    )
    or (
        published.status = 'withheld'
        and coalesce(published.records, published.people, published.bed_days) is not null
    )
    or (
        published.status = 'shown'
        and (published.records is null or published.people is null or published.bed_days is null)
    )
