with recursive

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

followed as (
    select
        from_person_key as person_key,
        to_person_key as surviving_person_key,
        1 as steps
    from person_key_link

    union all

    select
        followed.person_key,
        person_key_link.to_person_key as surviving_person_key,
        followed.steps + 1 as steps
    from followed
    inner join person_key_link
        on followed.surviving_person_key = person_key_link.from_person_key
    where followed.steps < 10
),

last_followed as (
    select
        person_key,
        surviving_person_key
    from (
        select
            person_key,
            surviving_person_key,
            row_number() over (
                partition by person_key
                order by steps desc, surviving_person_key asc
            ) as from_the_end
        from followed
    ) as from_last_step
    where from_the_end = 1
),

final as (
    select
        person.person_key,
        coalesce(last_followed.surviving_person_key, person.person_key) as surviving_person_key,
        person.sex,
        person.lsoa_code,
        person.death_month,
        person.is_sensitive
    from person
    left join last_followed using (person_key)
)

select * from final
