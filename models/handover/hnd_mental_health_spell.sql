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
    where feed = 'mental_health_spell'
),

spell as (
    select
        submission_id,
        source_row,
        unique_hospital_provider_spell_identifier,
        unique_service_request_identifier,
        ethnic_category,
        gp_practice_code,
        provider_code,
        commissioner_code,
        source_of_admission,
        admission_method,
        discharge_method,
        discharge_destination,
        withheld_identity_reason,
        spell_start_date,
        planned_discharge_date,
        discharge_date
    from {{ ref('stg_mental_health_spell') }}
),

final as (
    select
        record.record_key,
        record.person_key,
        {{ linked_record_key(
            'mental health spell', 'spell', 'unique_hospital_provider_spell_identifier'
        ) }} as spell_key,
        {{ linked_record_key(
            'mental health referral', 'spell', 'unique_service_request_identifier'
        ) }} as referral_key,

        record.is_person_established,
        record.age_band,
        record.sex,
        record.lsoa_code,
        spell.ethnic_category,
        spell.gp_practice_code,
        spell.provider_code,
        spell.commissioner_code,
        spell.source_of_admission,
        spell.admission_method,
        spell.discharge_method,
        spell.discharge_destination,
        spell.withheld_identity_reason,

        spell.spell_start_date,
        spell.planned_discharge_date,
        spell.discharge_date
    from spell
    inner join record using (submission_id, source_row)
)

select * from final
