with

referral as (
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
        commissioner_code,
        source_of_referral,
        provisional_diagnosis,
        discharge_reason,
        withheld_identity_reason,
        referral_request_received_date,
        service_discharge_date
    from {{ ref('hnd_talking_therapies_referral') }}
),

attended as (
    select
        record_key,
        referral_record_key,
        appointment_type,
        phq9_score,
        gad7_score,
        appointment_date
    from {{ ref('fct_talking_therapies_appointment') }}
    where is_attended
),

person as (
    select
        person_key,
        surviving_person_key
    from {{ ref('dim_person') }}
),

-- What was attended from the referral to its end.
measured as (
    select
        referral.record_key,
        count(*) as attended_appointments,
        count(*) filter (where {{ is_treatment('attended.appointment_type') }})
            as treatment_appointments,
        first(attended.phq9_score order by attended.appointment_date asc, attended.record_key asc)
        filter (where attended.phq9_score is not null) as first_phq9_score,
        first(attended.phq9_score order by attended.appointment_date desc, attended.record_key desc)
        filter (where attended.phq9_score is not null) as last_phq9_score,
        first(attended.gad7_score order by attended.appointment_date asc, attended.record_key asc)
        filter (where attended.gad7_score is not null) as first_gad7_score,
        first(attended.gad7_score order by attended.appointment_date desc, attended.record_key desc)
        filter (where attended.gad7_score is not null) as last_gad7_score
    from referral
    inner join attended
        on referral.record_key = attended.referral_record_key
    where
        attended.appointment_date >= referral.referral_request_received_date
        and coalesce(attended.appointment_date <= referral.service_discharge_date, true)
    group by referral.record_key
),

final as (
    select
        referral.record_key,
        coalesce(person.surviving_person_key, referral.person_key) as person_key,

        referral.is_person_established,
        referral.age_band,
        referral.sex,
        referral.lsoa_code,
        referral.ethnic_category,
        referral.gp_practice_code,
        referral.provider_code,
        referral.commissioner_code,
        referral.source_of_referral,
        referral.provisional_diagnosis,
        referral.discharge_reason,
        referral.withheld_identity_reason,
        coalesce(measured.attended_appointments, 0) as attended_appointments,
        coalesce(measured.treatment_appointments, 0) as treatment_appointments,
        measured.first_phq9_score,
        measured.last_phq9_score,
        measured.first_gad7_score,
        measured.last_gad7_score,
        measured.first_phq9_score - measured.last_phq9_score as phq9_fall,
        measured.first_gad7_score - measured.last_gad7_score as gad7_fall,
        referral.service_discharge_date is not null
        and {{ is_course_of_treatment('measured.treatment_appointments') }} as is_finished_course,
        {{ is_case('measured.first_phq9_score', 'measured.first_gad7_score') }}
            as is_case_at_start,
        is_finished_course
        and is_case_at_start
        and {{ is_below_caseness('measured.last_phq9_score', 'measured.last_gad7_score') }}
            as is_recovered,
        is_finished_course
        and {{ falls_reliably('phq9_fall', 'gad7_fall') }}
        and not {{ falls_reliably('-phq9_fall', '-gad7_fall') }} as is_reliably_improved,
        is_finished_course
        and {{ falls_reliably('-phq9_fall', '-gad7_fall') }}
        and not {{ falls_reliably('phq9_fall', 'gad7_fall') }} as is_reliably_deteriorated,

        referral.referral_request_received_date,
        referral.service_discharge_date
    from referral
    left join person using (person_key)
    left join measured
        on referral.record_key = measured.record_key
)

select * from final
