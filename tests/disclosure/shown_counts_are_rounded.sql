-- What: every shown value is the exact value rounded on its own, as the rule in force says.
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

rule as (
    select round_to
    from {{ ref('disclosure_rule') }}
    where {{ is_rule_in_force('activity', 'people') }}
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
left join rule
    on true
where
    published.status = 'shown'
    and coalesce(
        published.records % rule.round_to <> 0
        or published.people % rule.round_to <> 0
        or published.bed_days % rule.round_to <> 0
        or 2 * abs(published.records - exact.records) > rule.round_to
        or 2 * abs(published.people - exact.people) > rule.round_to
        or 2 * abs(published.bed_days - exact.bed_days) > rule.round_to,
        true
    )
