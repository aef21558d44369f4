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
    where feed = 'mental_health_ward_stay'
),

ward_stay as (
    select
        submission_id,
        source_row,
        unique_hospital_provider_spell_identifier,
        ethnic_category,
        gp_practice_code,
        provider_code,
        commissioner_code,
        hospital_bed_type,
        ward_intended_age_group,
        ward_security_level,
        withheld_identity_reason,
        ward_stay_start_date,
        ward_stay_end_date
    from {{ ref('stg_mental_health_ward_stay') }}
),

final as (
    select
        record.record_key,
        record.person_key,
        {{ linked_record_key(
            'mental health spell', 'ward_stay', 'unique_hospital_provider_spell_identifier'
        ) }} as spell_key,

        record.is_person_established,
        record.age_band,
        record.sex,
        record.lsoa_code,
        ward_stay.ethnic_category,
        ward_stay.gp_practice_code,
        ward_stay.provider_code,
        ward_stay.commissioner_code,
        ward_stay.hospital_bed_type,
        ward_stay.ward_intended_age_group,
        ward_stay.ward_security_level,
        ward_stay.withheld_identity_reason,

        ward_stay.ward_stay_start_date,
        ward_stay.ward_stay_end_date
    from ward_stay
    inner join record using (submission_id, source_row)
)

select * from final
