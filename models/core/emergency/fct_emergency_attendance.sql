with

attendance as (
    select
        record_key,
        person_key,
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
        department_type,
        attendance_category,
        attendance_disposal,
        withheld_identity_reason,
        arrival_date,
        minutes_in_department
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

final as (
    select
        attendance.record_key,
        coalesce(person.surviving_person_key, attendance.person_key) as person_key,

        attendance.is_person_established,
        attendance.age_band,
        attendance.sex,
        attendance.lsoa_code,
        attendance.residence_class,
        attendance.justice_hub_code,
        attendance.ethnic_category,
        attendance.gp_practice_code,
        attendance.provider_code,
        {{ provider_as_now('attendance.provider_code') }} as current_provider_code,
        attendance.site_code,
        attendance.commissioner_code,
        attendance.department_type,
        attendance.attendance_category,
        attendance.attendance_disposal,
        attendance.withheld_identity_reason,
        'AE' as point_of_delivery,

        attendance.arrival_date,
        attendance.minutes_in_department
    from attendance
    left join person using (person_key)
    left join successor
        on attendance.provider_code = successor.organisation_code
    left join successor as site_successor
        on attendance.site_code = site_successor.organisation_code
)

select * from final
