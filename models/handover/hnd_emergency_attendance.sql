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
        arrival_mode,
        ambulance_trust_code,
        ambulance_incident_number,
        acuity,
        chief_complaint,
        attendance_disposal,
        discharge_status,
        discharge_destination,
        diagnoses,
        investigations,
        treatments,
        withheld_identity_reason,
        arrival_date,
        {{ moment('arrival_date', 'arrival_time') }} as arrived_at,
        {{ moment('initial_assessment_date', 'initial_assessment_time') }} as assessed_at,
        {{ moment('seen_for_treatment_date', 'seen_for_treatment_time') }} as seen_at,
        {{ moment('decision_to_admit_date', 'decision_to_admit_time') }} as decided_to_admit_at,
        {{ moment('conclusion_date', 'conclusion_time') }} as concluded_at,
        {{ moment('departure_date', 'departure_time') }} as departed_at
    from {{ ref('stg_emergency_attendance') }}
),

final as (
    select
        record.record_key,
        record.person_key,
        {{ linked_record_key(
            'ambulance incident', 'attendance', 'ambulance_incident_number', 'ambulance_trust_code'
        ) }} as ambulance_incident_key,

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
        attendance.ambulance_trust_code,
        attendance.department_type,
        attendance.attendance_category,
        attendance.arrival_mode,
        attendance.acuity,
        attendance.chief_complaint,
        attendance.attendance_disposal,
        attendance.discharge_status,
        attendance.discharge_destination,
        attendance.diagnoses,
        attendance.investigations,
        attendance.treatments,
        attendance.withheld_identity_reason,

        attendance.arrival_date,
        attendance.arrived_at,
        attendance.assessed_at,
        attendance.seen_at,
        attendance.decided_to_admit_at,
        attendance.concluded_at,
        attendance.departed_at
    from attendance
    inner join record using (submission_id, source_row)
)

select * from final
