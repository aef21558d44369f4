-- What: every shown value is the exact value rounded on its own to the nearest 5.
-- When it matters: on every build, before every release.
-- How to resolve: stop the release; a mart shows exact or wrongly rounded values.
-- Source: NHS Digital, change to disclosure control methodology for HES and ECDS, September 2018.
with

exact as (
    select
        cell_id,
        people,
        records,
        bed_days
    from {{ ref('sdc_cell') }}
),

published as (
    {{ published_cells() }}
)

select
    published.cell_id,
    published.status
from published
left join exact
    on published.cell_id = exact.cell_id
where
    published.status = 'shown'
    and coalesce(
        published.records % 5 <> 0
        or published.people % 5 <> 0
        or published.bed_days % 5 <> 0
        or abs(published.records - exact.records) > 2
        or abs(published.people - exact.people) > 2
        or abs(published.bed_days - exact.bed_days) > 2,
        true
    )
