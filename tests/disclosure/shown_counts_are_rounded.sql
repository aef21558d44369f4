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
    select
        {{ cell_id(
            activity_by_provider_coordinates()
        ) }} as cell_id,
        status,
        records,
        people,
        bed_days
    from {{ ref('mart_activity_by_provider') }}
    union all
    select
        {{ cell_id(
            activity_by_age_sex_coordinates()
        ) }} as cell_id,
        status,
        records,
        people,
        bed_days
    from {{ ref('mart_activity_by_age_sex') }}
)

select
    exact.cell_id,
    published.status
from exact
inner join published
    on exact.cell_id = published.cell_id
where
    published.status = 'shown'
    and (
        published.records % 5 <> 0
        or published.people % 5 <> 0
        or published.bed_days % 5 <> 0
        or abs(published.records - exact.records) > 2
        or abs(published.people - exact.people) > 2
        or abs(published.bed_days - exact.bed_days) > 2
    )
