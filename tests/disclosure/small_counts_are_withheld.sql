-- What: no cell with 1 to 7 people or records is shown, no withheld cell carries a number, and
-- every count is published.
-- When it matters: on every build, before every release.
-- How to resolve: stop the release; sdc_pattern or a mart does not follow the rule.
-- Source: NHS Digital, change to disclosure control methodology for HES and ECDS, September 2018.
with

exact as (
    {{ exact_counts() }}
),

to_be_published as (
    select
        cell_id,
        measure,
        counted
    from exact
    where is_published
),

published as (
    {{ published_cells() }}
)

select
    to_be_published.cell_id,
    to_be_published.measure,
    published.status
from to_be_published
full outer join published
    on
        to_be_published.cell_id = published.cell_id
        and to_be_published.measure = published.measure
where
    to_be_published.cell_id is null
    or published.cell_id is null
    or (
        published.status <> 'withheld'
        and to_be_published.measure in ('people', 'records')
        and to_be_published.counted between 1 and 7
    )
    or (published.status = 'withheld' and published.shown is not null)
    or (published.status = 'shown' and published.shown is null)
