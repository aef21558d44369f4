with

record as (
    select
        submission_id,
        source_row,
        record_key,
        person_key,
        is_person_established,
        age_band,
        sex,
        lsoa_code,
        residence_class,
        justice_hub_code
    from {{ ref('idn_record') }}
    where feed = 'emergency_attendance'
),

attendance as (
    select
        submission_id,
        source_row,
        ethnic_category,
        gp_practice_code,
        provider_code,
        site_code,
        commissioner_code,
        department_type,
        attendance_category,
        arrival_date,
        arrival_time,
        departure_date,
        departure_time,
        attendance_disposal,
        withheld_identity_reason
    from {{ ref('stg_emergency_attendance') }}
),

final as (
    select
        record.record_key,
        record.person_key,

        record.is_person_established,
        record.age_band,
        record.sex,
        record.lsoa_code,
        record.residence_class,
        record.justice_hub_code,
        attendance.ethnic_category,
        attendance.gp_practice_code,
        attendance.provider_code,
        attendance.site_code,
        attendance.commissioner_code,
        attendance.department_type,
        attendance.attendance_category,
        attendance.attendance_disposal,
        attendance.withheld_identity_reason,

        attendance.arrival_date,
        date_diff(
            'minute',
            attendance.arrival_date + attendance.arrival_time,
            attendance.departure_date + attendance.departure_time
        ) as minutes_in_department
    from attendance
    inner join record using (submission_id, source_row)
)

select * from final
