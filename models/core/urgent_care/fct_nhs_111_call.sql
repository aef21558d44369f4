with

call as (
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
        symptom_group,
        final_disposition,
        is_directly_booked,
        ambulance_trust_code,
        withheld_identity_reason,
        call_date,
        connected_at,
        ended_at
    from {{ ref('hnd_nhs_111_call') }}
),

person as (
    select
        person_key,
        surviving_person_key
    from {{ ref('dim_person') }}
),

disposition as (
    select
        final_disposition,
        disposition_group
    from {{ ref('nhs_111_disposition') }}
),

attendance as (
    select
        record_key as next_attendance_record_key,
        person_key,
        arrived_at
    from {{ ref('fct_emergency_attendance') }}
    where arrived_at is not null
),

of_person as (
    select
        call.* replace (
            coalesce(person.surviving_person_key, call.person_key) as person_key
        )
    from call
    left join person using (person_key)
),

-- the first attendance of the person in the 24 hours after the call
followed as (
    select
        of_person.record_key,
        attendance.next_attendance_record_key,
        {{ minutes_between('of_person.ended_at', 'attendance.arrived_at') }}
            as minutes_to_attendance
    from of_person
    inner join attendance using (person_key)
    where
        attendance.arrived_at between of_person.ended_at
        and of_person.ended_at + interval 24 hours
    qualify
        row_number() over (
            partition by of_person.record_key
            order by attendance.arrived_at, attendance.next_attendance_record_key
        ) = 1
),

final as (
    select
        of_person.record_key,
        of_person.person_key,
        of_person.ambulance_incident_key,
        followed.next_attendance_record_key,

        of_person.is_person_established,
        of_person.age_band,
        of_person.sex,
        of_person.lsoa_code,
        of_person.ethnic_category,
        of_person.gp_practice_code,
        of_person.provider_code,
        of_person.commissioner_code,
        of_person.symptom_group,
        of_person.final_disposition,
        disposition.disposition_group,
        of_person.is_directly_booked,
        of_person.ambulance_trust_code,
        of_person.withheld_identity_reason,

        of_person.call_date,
        of_person.connected_at,
        of_person.ended_at,
        {{ minutes_between('of_person.connected_at', 'of_person.ended_at') }} as call_minutes,
        followed.minutes_to_attendance
    from of_person
    left join disposition using (final_disposition)
    left join followed using (record_key)
)

select * from final
