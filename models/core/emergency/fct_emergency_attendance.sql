with

attendance as (
    select
        record_key,
        person_key,
        ambulance_incident_key,
        is_person_established,
        age_band,
        sex,
        lsoa_code,
        residence_class,
        justice_hub_code,
        ethnic_category,
        gp_practice_code,
        provider_code,
        site_code,
        commissioner_code,
        ambulance_trust_code,
        department_type,
        attendance_category,
        arrival_mode,
        acuity,
        chief_complaint,
        attendance_disposal,
        discharge_status,
        discharge_destination,
        withheld_identity_reason,
        arrival_date,
        arrived_at,
        assessed_at,
        seen_at,
        decided_to_admit_at,
        concluded_at,
        departed_at
    from {{ ref('hnd_emergency_attendance') }}
),

person as (
    select
        person_key,
        surviving_person_key
    from {{ ref('dim_person') }}
),

successor as (
    select
        organisation_code,
        current_code
    from {{ ref('dim_organisation_successor') }}
),

not_approved as (
    select
        record_key,
        count(*) as codes_not_approved
    from {{ ref('brg_emergency_code') }}
    where not is_approved
    group by record_key
),

measured as (
    select
        attendance.* replace (
            coalesce(person.surviving_person_key, attendance.person_key) as person_key
        ),
        {{ provider_as_now('attendance.provider_code') }} as current_provider_code,
        coalesce(not_approved.codes_not_approved, 0) as codes_not_approved,
        {{ minutes_between('arrived_at', 'assessed_at') }} as minutes_to_assessment,
        {{ minutes_between('arrived_at', 'seen_at') }} as minutes_to_treatment,
        {{ minutes_between('arrived_at', 'concluded_at') }} as minutes_to_conclusion,
        {{ minutes_between('arrived_at', 'departed_at') }} as minutes_in_department,
        {{ minutes_between('decided_to_admit_at', 'departed_at') }} as minutes_from_decision
    from attendance
    left join person using (person_key)
    left join not_approved using (record_key)
    left join successor
        on attendance.provider_code = successor.organisation_code
    left join successor as site_successor
        on attendance.site_code = site_successor.organisation_code
),

final as (
    select
        record_key,
        person_key,
        ambulance_incident_key,

        is_person_established,
        age_band,
        sex,
        lsoa_code,
        residence_class,
        justice_hub_code,
        ethnic_category,
        gp_practice_code,
        provider_code,
        current_provider_code,
        site_code,
        commissioner_code,
        ambulance_trust_code,
        department_type,
        {{ published_department_type('department_type') }} as published_department_type,
        attendance_category,
        arrival_mode,
        acuity,
        chief_complaint,
        attendance_disposal,
        discharge_status,
        discharge_destination,
        withheld_identity_reason,
        'AE' as point_of_delivery,
        coalesce(
            {{ is_again_within_an_hour('lag(arrived_at) over at_the_provider', 'arrived_at') }},
            false
        ) as is_duplicate,

        arrival_date,
        arrived_at,
        departed_at,
        minutes_to_assessment,
        minutes_to_treatment,
        minutes_to_conclusion,
        minutes_in_department,
        minutes_from_decision,
        {{ is_over_four_hours('minutes_in_department') }} as is_over_four_hours,
        {{ is_twelve_hours_or_more('minutes_from_decision') }} as is_twelve_hours_from_decision,
        {{ is_twelve_hours_or_more('minutes_in_department') }} as is_twelve_hours_from_arrival,
        codes_not_approved
    from measured
    window
        at_the_provider as (
            partition by person_key, provider_code
            order by arrived_at nulls last, record_key
        )
)

select * from final
