with

owed as (
    select
        activity_key,
        agreement_id,
        responsible_commissioner_code,
        local_authority_code
    from {{ ref('gov_release_eligibility') }}
    where
        is_allowed
        and setting = 'emergency'
),

attendance as (
    select
        record_key,
        person_key,
        provider_code,
        point_of_delivery,
        age_band,
        sex,
        department_type,
        attendance_category,
        attendance_disposal,
        arrival_date,
        minutes_in_department
    from {{ ref('fct_emergency_attendance') }}
),

registered as (
    {{ registered_organisations() }}
),

pseudonym as (
    select
        agreement_id,
        person_key,
        person_pseudonym
    from {{ ref('rel_person_pseudonym') }}
),

final as (
    select
        owed.agreement_id,
        owed.activity_key as record_key,
        pseudonym.person_pseudonym,
        row_number() over (
            partition by owed.agreement_id, pseudonym.person_pseudonym
            order by attendance.arrival_date, attendance.record_key
        ) as attendance_number,
        owed.responsible_commissioner_code,
        owed.local_authority_code,
        {{ published_organisation('attendance.provider_code', 'registered') }} as provider_code,
        attendance.point_of_delivery,
        attendance.age_band,
        attendance.sex,
        attendance.department_type,
        attendance.attendance_category,
        attendance.attendance_disposal,
        {{ calendar_month('attendance.arrival_date') }} as arrival_month,
        attendance.minutes_in_department
    from owed
    inner join attendance
        on owed.activity_key = attendance.record_key
    inner join pseudonym
        on
            owed.agreement_id = pseudonym.agreement_id
            and attendance.person_key = pseudonym.person_key
    left join registered
        on attendance.provider_code = registered.organisation_code
)

select * from final
