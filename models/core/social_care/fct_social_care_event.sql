with

event as (
    select
        record_key,
        person_key,
        is_person_established,
        age_band,
        sex,
        lsoa_code,
        ethnic_category,
        gp_practice_code,
        provider_code,
        client_type,
        primary_support_reason,
        event_type,
        event_outcome,
        service_type,
        delivery_mechanism,
        event_start_date,
        event_end_date,
        unit_cost
    from {{ ref('hnd_social_care_event') }}
),

person as (
    select
        person_key,
        surviving_person_key
    from {{ ref('dim_person') }}
),

final as (
    select
        event.record_key,
        coalesce(person.surviving_person_key, event.person_key) as person_key,

        event.is_person_established,
        event.age_band,
        event.sex,
        event.lsoa_code,
        event.ethnic_category,
        event.gp_practice_code,
        event.provider_code,
        event.provider_code as commissioner_code,
        event.client_type,
        event.primary_support_reason,
        event.event_type,
        event.event_outcome,
        event.service_type,
        event.delivery_mechanism,
        -- only a service can go on after the end of the period that was sent
        event.event_type = 'Service' and event.event_end_date is null as is_open,

        event.event_start_date,
        event.event_end_date,

        event.unit_cost
    from event
    left join person using (person_key)
)

select * from final
