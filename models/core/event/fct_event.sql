-- Each kind of care event: its setting, and the key and the days of it in its fact.
{% set event_types = {
    'nhs_111_call': ['urgent', 'fct_nhs_111_call', 'record_key', 'call_date', 'ended_at'],
    'ambulance_incident': ['urgent', 'fct_ambulance_incident', 'record_key', 'call_date', 'null'],
    'emergency_attendance': [
        'emergency', 'fct_emergency_attendance', 'record_key', 'arrival_date', 'departed_at'
    ],
    'hospital_spell': [
        'admitted', 'fct_apc_spell', 'spell_key', 'admission_date', 'discharge_date'
    ],
    'critical_care_period': [
        'admitted', 'fct_critical_care', 'record_key', 'critical_care_start_date',
        'critical_care_discharge_date'
    ],
    'outpatient_appointment': [
        'outpatient', 'fct_outpatient_appointment', 'record_key', 'appointment_date',
        'appointment_date'
    ],
    'waiting_period': [
        'waiting', 'fct_rtt_pathway', 'record_key', 'clock_start_date', 'clock_stop_date'
    ],
    'mental_health_referral': [
        'mental_health', 'fct_mental_health_referral', 'record_key',
        'referral_request_received_date', 'service_discharge_date'
    ],
    'mental_health_contact': [
        'mental_health', 'fct_mental_health_contact', 'record_key', 'care_contact_date',
        'care_contact_date'
    ],
    'mental_health_spell': [
        'mental_health', 'fct_mental_health_spell', 'record_key', 'spell_start_date',
        'discharge_date'
    ],
    'mental_health_ward_stay': [
        'mental_health', 'fct_mental_health_ward_stay', 'record_key', 'ward_stay_start_date',
        'ward_stay_end_date'
    ],
    'community_referral': [
        'community', 'fct_community_referral', 'record_key', 'referral_request_received_date',
        'service_discharge_date'
    ],
    'community_contact': [
        'community', 'fct_community_contact', 'record_key', 'care_contact_date',
        'care_contact_date'
    ],
    'talking_therapies_referral': [
        'talking_therapies', 'fct_talking_therapies_course', 'record_key',
        'referral_request_received_date', 'service_discharge_date'
    ],
    'talking_therapies_appointment': [
        'talking_therapies', 'fct_talking_therapies_appointment', 'record_key',
        'appointment_date', 'appointment_date'
    ],
    'maternity_booking': [
        'maternity', 'fct_maternity_booking', 'record_key', 'booking_date', 'booking_date'
    ],
    'labour': [
        'maternity', 'fct_maternity_labour', 'record_key', 'labour_onset_date', 'delivery_date'
    ],
    'social_care_event': [
        'social_care', 'fct_social_care_event', 'record_key', 'event_start_date',
        'event_end_date'
    ],
    'gp_observation': [
        'general_practice', 'fct_gp_extract_observation', 'record_key', 'observation_date',
        'observation_date'
    ],
    'death': ['death', 'fct_death', 'record_key', 'death_date', 'death_date'],
} %}

{#- Whose area an event lies in, where its provider's code as then does not say so. -#}
{% set placed_by = {
    'hospital_spell': 'coalesce(current_provider_code, provider_code)',
    'outpatient_appointment': 'coalesce(current_provider_code, provider_code)',
    'emergency_attendance': 'coalesce(current_provider_code, provider_code)',
    'death': 'gp_practice_code',
} %}

with

event as (
    {%- for event_type, (setting, fact, event_key, start_date, end_date) in event_types.items() %}
        select
            {{ event_key }} as event_key,
            person_key,

            is_person_established,
            '{{ setting }}' as setting,
            '{{ event_type }}' as event_type,
            provider_code,
            gp_practice_code,
            commissioner_code,
            {{ placed_by.get(event_type, 'provider_code') }} as placed_by_code,

            {{ start_date }} as event_start_date,
            {{ end_date }}::date as event_end_date
        from {{ ref(fact) }}
        {{- '\n        union all' if not loop.last }}
    {%- endfor %}
),

office as (
    select
        organisation_code,
        data_services_office_code
    from {{ ref('dim_office_organisation') }}
),

final as (
    select
        event.event_key,
        event.person_key,

        event.is_person_established,
        event.setting,
        event.event_type,
        event.provider_code,
        coalesce(office.data_services_office_code, 'unplaced') as data_services_office_code,
        event.gp_practice_code,
        event.commissioner_code,

        event.event_start_date,
        event.event_end_date
    from event
    left join office on event.placed_by_code = office.organisation_code
)

select * from final
