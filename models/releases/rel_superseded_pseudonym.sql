with

pseudonym as (
    select
        agreement_id,
        opt_out_regime,
        key_version,
        person_key,
        person_pseudonym
    from {{ ref('rel_person_pseudonym') }}
),

person_key as (
    select
        superseded_person_key,
        person_key,
        superseded_on
    from {{ ref('brg_person_key') }}
),

final as (
    select
        pseudonym.agreement_id,
        {{ pseudonym('pseudonym', 'person_key.superseded_person_key') }} as superseded_pseudonym,
        pseudonym.person_pseudonym,
        person_key.superseded_on
    from pseudonym
    inner join person_key using (person_key)
)

select * from final
