with

traced as (
    select
        identity_type,
        identity_value
    from {{ ref('idn_trace') }}
    where names_sensitive_person
),

person_key as (
    select
        identity_type,
        identity_value,
        person_key
    from {{ ref('idn_person_key') }}
),

final as (
    select distinct person_key.person_key
    from traced
    inner join person_key using (identity_type, identity_value)
)

select * from final
