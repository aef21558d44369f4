-- What: every shown value is the exact value rounded on its own to the nearest 5.
-- When it matters: on every build, before every release.
-- How to resolve: stop the release; a mart shows exact or wrongly rounded values.
-- Source: NHS Digital, change to disclosure control methodology for HES and ECDS, September 2018.
with

exact as (
    {{ exact_counts() }}
),

published as (
    {{ published_cells() }}
)

select
    published.cell_id,
    published.measure
from published
left join exact
    on
        published.cell_id = exact.cell_id
        and published.measure = exact.measure
where
    published.status = 'shown'
    and coalesce(
        published.shown % 5 <> 0
        or abs(published.shown - exact.counted) > 2,
        true
    )
