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
    where feed = 'critical_care_period'
),

period as (
    select
        submission_id,
        source_row,
        hospital_spell_number,
        gp_practice_code,
        provider_code,
        commissioner_code,
        critical_care_type,
        unit_function,
        critical_care_start_date,
        critical_care_discharge_date,
        level_2_days,
        level_3_days,
        organ_support_maximum,
        hrg_code,
        withheld_identity_reason
    from {{ ref('stg_critical_care_period') }}
),

final as (
    select
        record.record_key,
        record.person_key,
        {{ linked_record_key('numbered spell', 'period', 'hospital_spell_number') }}
            as hospital_spell_key,

        record.is_person_established,
        record.age_band,
        record.sex,
        record.lsoa_code,
        period.gp_practice_code,
        period.provider_code,
        period.commissioner_code,
        period.critical_care_type,
        period.unit_function,
        period.hrg_code,
        period.withheld_identity_reason,

        period.critical_care_start_date,
        period.critical_care_discharge_date,

        period.level_2_days,
        period.level_3_days,
        period.organ_support_maximum
    from period
    inner join record using (submission_id, source_row)
)

select * from final
