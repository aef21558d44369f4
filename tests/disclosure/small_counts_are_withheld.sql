-- What: no cell with 1 to 7 people or records is shown, and no withheld cell carries a number.
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
    where
        data_set = 'activity'
        and measure = 'people'
        and {{ in_force('valid_from', 'valid_to', release_date()) }}
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
cross join rule
where
    (
        published.status <> 'withheld'
        and {{ is_primary(
            'exact.people', 'exact.records', 'rule.suppress_lo', 'rule.suppress_hi'
        ) }}
    )
    or (
        published.status = 'withheld'
        and coalesce(published.records, published.people, published.bed_days) is not null
    )
    or (
        published.status = 'shown'
        and (published.records is null or published.people is null or published.bed_days is null)
    )
