with

incident as (
    select
        record_key,
        person_key,
        ambulance_incident_key,
        is_person_established,
        age_band,
        sex,
        lsoa_code,
        ethnic_category,
        gp_practice_code,
        provider_code,
        commissioner_code,
        response_category,
        outcome,
        destination_provider_code,
        withheld_identity_reason,
        call_date,
        called_at,
        arrived_at_scene_at,
        left_scene_at,
        arrived_at_hospital_at,
        handed_over_at,
        cleared_at
    from {{ ref('hnd_ambulance_incident') }}
),

person as (
    select
        person_key,
        surviving_person_key
    from {{ ref('dim_person') }}
),

-- one attendance of a person by an ambulance incident: the first
attendance as (
    select
        ambulance_incident_key,
        person_key,
        record_key as attendance_record_key
    from {{ ref('fct_emergency_attendance') }}
    where ambulance_incident_key is not null
    qualify
        row_number() over (
            partition by ambulance_incident_key, person_key
            order by arrived_at nulls last, record_key
        ) = 1
),

of_person as (
    select
        incident.* replace (
            coalesce(person.surviving_person_key, incident.person_key) as person_key
        )
    from incident
    left join person using (person_key)
),

final as (
    select
        of_person.record_key,
        of_person.person_key,
        of_person.ambulance_incident_key,
        attendance.attendance_record_key,

        of_person.is_person_established,
        of_person.age_band,
        of_person.sex,
        of_person.lsoa_code,
        of_person.ethnic_category,
        of_person.gp_practice_code,
        of_person.provider_code,
        of_person.commissioner_code,
        of_person.response_category,
        of_person.outcome,
        of_person.destination_provider_code,
        of_person.withheld_identity_reason,

        of_person.call_date,
        of_person.called_at,
        of_person.arrived_at_hospital_at,
        {{ minutes_between('of_person.called_at', 'of_person.arrived_at_scene_at') }}
            as response_minutes,
        {{ minutes_between('of_person.arrived_at_scene_at', 'of_person.left_scene_at') }}
            as minutes_on_scene,
        {{ minutes_between('of_person.arrived_at_hospital_at', 'of_person.handed_over_at') }}
            as handover_minutes,
        {{ minutes_between('of_person.handed_over_at', 'of_person.cleared_at') }}
            as minutes_to_clear
    from of_person
    left join attendance using (ambulance_incident_key, person_key)
)

select * from final
