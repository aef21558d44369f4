-- What: views limited to one regional office hold nothing of another, each activity looked up anew
-- by its provider, each other event by who its provider is today; and the office that the variable
-- names exists.
-- When it matters: on builds with the variable data_services_office other than `all`.
-- How to resolve: look for a provider whose board changed its office, or correct the variable.
with

activity as (
    select
        activity_key,
        provider_code
    from {{ ref('gov_office_activity') }}
),

provider_office as (
    select
        organisation.organisation_code as provider_code,
        area.office_code
    from {{ ref('organisation') }} as organisation
    inner join {{ ref('data_services_office_area') }} as area
        on organisation.parent_code = area.icb_code
),

event as (
    select
        event_key,
        provider_code
    from {{ ref('gov_office_event') }}
    -- activities are above; a death goes by the practice
    where setting not in ('admitted', 'outpatient', 'emergency', 'death')
),

event_office as (
    select
        organisation_code as provider_code,
        data_services_office_code
    from {{ ref('gov_office_organisation') }}
),

named as (
    select count(*) as offices
    from {{ ref('data_services_office') }}
    where office_code = '{{ var("data_services_office") }}'
)

select activity.activity_key::varchar as finding
from activity
left join provider_office using (provider_code)
where
    '{{ var("data_services_office") }}' <> 'all'
    and coalesce(provider_office.office_code, 'unplaced') <> '{{ var("data_services_office") }}'

union all

select event.event_key::varchar as finding
from event
left join event_office using (provider_code)
where
    '{{ var("data_services_office") }}' <> 'all'
    and coalesce(event_office.data_services_office_code, 'unplaced')
    <> '{{ var("data_services_office") }}'

union all

select 'no such office' as finding
from named
where offices = 0 and '{{ var("data_services_office") }}' <> 'all'
