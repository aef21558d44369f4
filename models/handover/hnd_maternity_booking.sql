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
    where feed = 'maternity_booking'
),

booking as (
    select
        submission_id,
        source_row,
        unique_pregnancy_identifier,
        ethnic_category,
        gp_practice_code,
        provider_code,
        commissioner_code,
        previous_live_births,
        smoking_status,
        withheld_identity_reason,
        booking_date,
        estimated_date_of_delivery
    from {{ ref('stg_maternity_booking') }}
),

final as (
    select
        record.record_key,
        record.person_key,
        {{ linked_record_key(
            'pregnancy', 'booking', 'unique_pregnancy_identifier'
        ) }} as pregnancy_key,

        record.is_person_established,
        record.age_band,
        record.sex,
        record.lsoa_code,
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
    inner join record using (submission_id, source_row)
)

select * from final
