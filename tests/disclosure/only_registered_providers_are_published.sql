-- What: every provider in a published table or pack is an organisation that the reference knows,
-- the label of all others, or in a table the label of totals; no coordinate of an activity is the
-- label of totals.
-- When it matters: on every build; a sender types what it likes where the code of a provider goes.
-- How to resolve: read provider_code through published_organisation; ALL in a register or seed is a
-- fault of that list.
with

published as (
    select provider_code
    from {{ ref('mart_activity_by_provider') }}
    where provider_code <> 'ALL'
    union all
    select provider_code
    from {{ ref('rel_apc_spell') }}
    union all
    select provider_code
    from {{ ref('rel_emergency_attendance') }}
),

registered as (
    {{ registered_organisations() }}
),

not_registered as (
    select published.provider_code
    from published
    left join registered
        on published.provider_code = registered.organisation_code
    where
        registered.organisation_code is null
        and published.provider_code <> {{ unregistered_organisation() }}
),

taken_for_a_total as (
    select provider_code
    from {{ ref('cube_activity_base') }}
    where
        'ALL' in (
            icb_code, sub_icb_code, provider_code, point_of_delivery, age_band, sex, quarter, month
        )
)

select provider_code
from not_registered
union all
select provider_code
from taken_for_a_total
