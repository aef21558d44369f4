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

of_person as (
    select
        labour.* replace (
            coalesce(person.surviving_person_key, labour.person_key) as person_key
        )
    from labour
    left join person using (person_key)
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
        of_person.record_key,
        of_person.person_key,
        parent.booking_record_key,

        of_person.is_person_established,
        of_person.age_band,
        of_person.sex,
        of_person.lsoa_code,
        of_person.ethnic_category,
        of_person.gp_practice_code,
        of_person.provider_code,
        of_person.commissioner_code,
        of_person.delivery_onset_method,
        of_person.withheld_identity_reason,
        {{ link_status('of_person', 'parent.booking_record_key') }} as link_status,

        of_person.labour_onset_date,
        of_person.delivery_date,
        of_person.discharge_date
    from of_person
    left join parent
        on
            of_person.pregnancy_key = parent.pregnancy_key
            and of_person.person_key = parent.person_key
            and of_person.is_person_established
)

select * from final
