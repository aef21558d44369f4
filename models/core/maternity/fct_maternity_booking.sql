with

booking as (
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
        previous_live_births,
        smoking_status,
        withheld_identity_reason,
        booking_date,
        estimated_date_of_delivery
    from {{ ref('hnd_maternity_booking') }}
),

person as (
    select
        person_key,
        surviving_person_key
    from {{ ref('dim_person') }}
),

final as (
    select
        booking.record_key,
        coalesce(person.surviving_person_key, booking.person_key) as person_key,
        booking.pregnancy_key,

        booking.is_person_established,
        booking.age_band,
        booking.sex,
        booking.lsoa_code,
        booking.ethnic_category,
        booking.gp_practice_code,
        booking.provider_code,
        booking.commissioner_code,
        booking.previous_live_births,
        booking.smoking_status,
        booking.withheld_identity_reason,

        booking.booking_date,
        booking.estimated_date_of_delivery
    from booking
    left join person using (person_key)
)

select * from final
