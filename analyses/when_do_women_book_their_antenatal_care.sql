-- When do women book their antenatal care, and how many labours can be told from their booking? By
-- provider. A pregnancy is 40 weeks long on the estimated date of delivery; care should be booked
-- before ten weeks (NICE guideline NG201).
with

booked as (
    select
        record_key,
        provider_code,
        40 - (estimated_date_of_delivery - booking_date) / 7.0 as weeks_pregnant
    from {{ ref('fct_maternity_booking') }}
),

labour as (
    select distinct booking_record_key as record_key
    from {{ ref('fct_maternity_labour') }}
    where link_status = 'linked'
)

select
    booked.provider_code,
    count(*) as bookings,
    count(*) filter (where booked.weeks_pregnant < 10) as before_ten_weeks,
    median(booked.weeks_pregnant) as median_weeks_pregnant,
    count(labour.record_key) as with_their_labour
from booked
left join labour using (record_key)
group by booked.provider_code
order by booked.provider_code asc
