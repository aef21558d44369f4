with

labour as (
    select
        record_key,
        person_key,
        pregnancy_key,
        is_person_established,
        age_band,
        sex,
        lsoa_code,
        ethnic_category,
        gp_practice_code,
        provider_code,
        commissioner_code,
        delivery_onset_method,
        withheld_identity_reason,
        labour_onset_date,
        delivery_date,
        discharge_date
    from {{ ref('hnd_maternity_labour') }}
),

person as (
    select
        person_key,
        surviving_person_key
    from {{ ref('dim_person') }}
),

resolved as (
    select
        labour.record_key,
        coalesce(person.surviving_person_key, labour.person_key) as person_key
    from labour
    left join person
        on labour.person_key = person.person_key
),

parent as (
    select
        pregnancy_key,
        person_key,
        min(record_key) as booking_record_key
    from {{ ref('fct_maternity_booking') }}
    where is_person_established
    group by
        pregnancy_key,
        person_key
),

final as (
    select
        labour.record_key,
        resolved.person_key,
        parent.booking_record_key,

        labour.is_person_established,
        labour.age_band,
        labour.sex,
        labour.lsoa_code,
        labour.ethnic_category,
        labour.gp_practice_code,
        labour.provider_code,
        labour.commissioner_code,
        labour.delivery_onset_method,
        labour.withheld_identity_reason,
        {{ link_status('labour', 'parent.booking_record_key') }} as link_status,

        labour.labour_onset_date,
        labour.delivery_date,
        labour.discharge_date
    from labour
    inner join resolved
        on labour.record_key = resolved.record_key
    left join parent
        on
            labour.pregnancy_key = parent.pregnancy_key
            and resolved.person_key = parent.person_key
            and labour.is_person_established
)

select * from final
