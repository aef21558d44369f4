with

person as (
    select
        person_key,
        sex,
        lsoa_code,
        death_month,
        is_sensitive
    from {{ ref('hnd_person') }}
),

person_key_link as (
    select
        from_person_key,
        to_person_key
    from {{ ref('hnd_person_key_link') }}
),

final as (
    select
        person.person_key,
        coalesce(person_key_link.to_person_key, person.person_key) as surviving_person_key,
        person.sex,
        person.lsoa_code,
        person.death_month,
        person.is_sensitive
    from person
    left join person_key_link
        on person.person_key = person_key_link.from_person_key
)

select * from final
