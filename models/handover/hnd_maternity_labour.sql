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
    where feed = 'maternity_labour'
),

labour as (
    select
        submission_id,
        source_row,
        unique_pregnancy_identifier,
        ethnic_category,
        gp_practice_code,
        provider_code,
        commissioner_code,
        delivery_onset_method,
        withheld_identity_reason,
        labour_onset_date,
        delivery_date,
        discharge_date
    from {{ ref('stg_maternity_labour') }}
),

final as (
    select
        record.record_key,
        record.person_key,
        {{ linked_record_key(
            'pregnancy', 'labour', 'unique_pregnancy_identifier'
        ) }} as pregnancy_key,

        record.is_person_established,
        record.age_band,
        record.sex,
        record.lsoa_code,
        labour.ethnic_category,
        labour.gp_practice_code,
        labour.provider_code,
        labour.commissioner_code,
        labour.delivery_onset_method,
        labour.withheld_identity_reason,

        labour.labour_onset_date,
        labour.delivery_date,
        labour.discharge_date
    from labour
    inner join record using (submission_id, source_row)
)

select * from final
