with

activity as (
    select activity_key as closed_key
    from {{ ref('gov_legal_gate') }}
    where is_legally_restricted or is_identity_withheld or is_sensitive_person or is_opted_out
),

sensitive_person as (
    select
        person_key,
        surviving_person_key
    from {{ ref('dim_person') }}
    where is_sensitive
),

final as (
    select closed_key
    from activity
    union
    select person_key as closed_key
    from sensitive_person
    union
    select surviving_person_key as closed_key
    from sensitive_person
    union
    select person_key as closed_key
    from {{ ref('hnd_sensitive_record_person') }}
    union
    select person_key as closed_key
    from {{ ref('gov_objection_in_force') }}
)

select * from final
