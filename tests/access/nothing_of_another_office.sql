-- What: a view limited to one regional office holds nothing of another, each activity looked up
-- anew by its provider; and the office that the variable names exists.
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

select 'no such office' as finding
from named
where offices = 0 and '{{ var("data_services_office") }}' <> 'all'
