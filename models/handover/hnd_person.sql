with

person as (
    select
        person_key,
        sex,
        lsoa_code,
        date_of_death,
        is_sensitive
    from {{ ref('idn_person') }}
),

final as (
    select
        person_key,
        sex,
        lsoa_code,
        {{ calendar_month('date_of_death') }} as death_month,
        is_sensitive
    from person
)

select * from final
