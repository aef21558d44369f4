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
        lsoa_code
    from {{ ref('idn_record') }}
    where feed = 'nhs_111_call'
),

call as (
    select
        submission_id,
        source_row,
        ambulance_incident_number,
        ethnic_category,
        gp_practice_code,
        provider_code,
        commissioner_code,
        symptom_group,
        final_disposition,
        direct_booking = 'Y' as is_directly_booked,
        ambulance_trust_code,
        withheld_identity_reason,
        call_date,
        {{ moment('call_date', 'call_time') }} as connected_at,
        {{ moment('call_end_date', 'call_end_time') }} as ended_at
    from {{ ref('stg_nhs_111_call') }}
),

final as (
    select
        record.record_key,
        record.person_key,
        {{ linked_record_key(
            'ambulance incident', 'call', 'ambulance_incident_number', 'ambulance_trust_code'
        ) }} as ambulance_incident_key,

        record.is_person_established,
        record.age_band,
        record.sex,
        record.lsoa_code,
        call.ethnic_category,
        call.gp_practice_code,
        call.provider_code,
        call.commissioner_code,
        call.symptom_group,
        call.final_disposition,
        call.is_directly_booked,
        call.ambulance_trust_code,
        call.withheld_identity_reason,

        call.call_date,
        call.connected_at,
        call.ended_at
    from call
    inner join record using (submission_id, source_row)
)

select * from final
