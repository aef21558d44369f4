-- As gov_office_activity, of care of every setting.
with

event as (
    select
        event_key,
        person_key,
        data_services_office_code,
        setting,
        event_type,
        provider_code,
        event_start_date,
        event_end_date
    from {{ ref('fct_event') }}
),

final as (
    select
        event_key,
        person_key,
        data_services_office_code,
        setting,
        event_type,
        provider_code,
        event_start_date,
        event_end_date
    from event
    where '{{ var("data_services_office") }}' in ('all', data_services_office_code)
)

select * from final
