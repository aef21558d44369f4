with

activity as (
    select activity_key
    from {{ ref('gov_legal_gate') }}
    where is_legally_restricted or is_identity_withheld or is_sensitive_person or is_opted_out
),

person as (
    select
        person_key,
        surviving_person_key,
        is_sensitive
    from {{ ref('dim_person') }}
),

closed_person as (
    select surviving_person_key as person_key
    from person
    where is_sensitive
    union
    select person_key
    from {{ ref('hnd_sensitive_record_person') }}
    union
    select person_key
    from {{ ref('gov_objection_in_force') }}
),

-- under every key that the person ever had
final as (
    select activity_key as closed_key
    from activity
    union
    select person_key as closed_key
    from closed_person
    union
    select person.person_key as closed_key
    from person
    inner join closed_person on person.surviving_person_key = closed_person.person_key
)

select * from final
