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
    where feed = 'ambulance_incident'
),

incident as (
    select
        submission_id,
        source_row,
        ambulance_incident_number,
        ethnic_category,
        gp_practice_code,
        provider_code,
        commissioner_code,
        response_category,
        outcome,
        destination_provider_code,
        withheld_identity_reason,
        call_date,
        {{ moment('call_date', 'call_time') }} as called_at,
        arrived_at_scene_at,
        left_scene_at,
        arrived_at_hospital_at,
        handed_over_at,
        cleared_at
    from {{ ref('stg_ambulance_incident') }}
),

final as (
    select
        record.record_key,
        record.person_key,
        {{ linked_record_key('ambulance incident', 'incident', 'ambulance_incident_number') }}
            as ambulance_incident_key,

        record.is_person_established,
        record.age_band,
        record.sex,
        record.lsoa_code,
        incident.ethnic_category,
        incident.gp_practice_code,
        incident.provider_code,
        incident.commissioner_code,
        incident.response_category,
        incident.outcome,
        incident.destination_provider_code,
        incident.withheld_identity_reason,

        incident.call_date,
        incident.called_at,
        incident.arrived_at_scene_at,
        incident.left_scene_at,
        incident.arrived_at_hospital_at,
        incident.handed_over_at,
        incident.cleared_at
    from incident
    inner join record using (submission_id, source_row)
)

select * from final
