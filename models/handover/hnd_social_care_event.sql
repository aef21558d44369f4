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
    where feed = 'social_care_event'
),

event as (
    select
        submission_id,
        source_row,
        ethnic_category,
        gp_practice_code,
        provider_code,
        client_type,
        primary_support_reason,
        event_type,
        event_start_date,
        event_end_date,
        event_outcome,
        service_type,
        delivery_mechanism,
        unit_cost
    from {{ ref('stg_social_care_event') }}
),

final as (
    select
        record.record_key,
        record.person_key,

        record.is_person_established,
        record.age_band,
        record.sex,
        record.lsoa_code,
        event.ethnic_category,
        event.gp_practice_code,
        event.provider_code,
        event.client_type,
        event.primary_support_reason,
        event.event_type,
        event.event_outcome,
        event.service_type,
        event.delivery_mechanism,

        event.event_start_date,
        event.event_end_date,

        event.unit_cost
    from event
    inner join record using (submission_id, source_row)
)

select * from final
