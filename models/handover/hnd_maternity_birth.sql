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
    where feed = 'maternity_birth'
),

birth as (
    select
        submission_id,
        source_row,
        unique_pregnancy_identifier,
        ethnic_category,
        gp_practice_code,
        provider_code,
        commissioner_code,
        birth_status,
        delivery_method,
        birth_order,
        birth_weight,
        gestation_length,
        withheld_identity_reason,
        delivery_date
    from {{ ref('stg_maternity_birth') }}
),

mother_identity as (
    select
        submission_id,
        source_row,
        identity_type,
        identity_value
    from {{ ref('idn_second_identity') }}
    where feed = 'maternity_birth' and second_person_role = 'mother'
),

person_key as (
    select
        identity_type,
        identity_value,
        person_key
    from {{ ref('idn_person_key') }}
),

mother as (
    select
        mother_identity.submission_id,
        mother_identity.source_row,
        person_key.person_key
    from mother_identity
    inner join person_key using (identity_type, identity_value)
),

final as (
    select
        record.record_key,
        record.person_key,
        mother.person_key as mother_person_key,
        {{ linked_record_key(
            'pregnancy', 'birth', 'unique_pregnancy_identifier'
        ) }} as pregnancy_key,

        record.is_person_established,
        record.age_band,
        record.sex,
        record.lsoa_code,
        birth.ethnic_category,
        birth.gp_practice_code,
        birth.provider_code,
        birth.commissioner_code,
        birth.birth_status,
        birth.delivery_method,
        birth.birth_order,
        birth.birth_weight,
        birth.gestation_length,
        birth.withheld_identity_reason,

        date_trunc('month', birth.delivery_date)::date as birth_month
    from birth
    inner join record using (submission_id, source_row)
    left join mother using (submission_id, source_row)
)

select * from final
