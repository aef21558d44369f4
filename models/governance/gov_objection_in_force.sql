with

objection as (
    select
        person_key,
        kind,
        valid_from,
        valid_to
    from {{ ref('hnd_objection') }}
),

person as (
    select
        person_key,
        surviving_person_key
    from {{ ref('dim_person') }}
),

final as (
    select distinct coalesce(person.surviving_person_key, objection.person_key) as person_key
    from objection
    left join person using (person_key)
    where
        objection.kind = 'national_data_opt_out'
        and {{ in_force('objection.valid_from', 'objection.valid_to', release_date()) }}
)

select * from final
