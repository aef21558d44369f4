with

agreement_key as (
    select distinct
        agreement_id,
        opt_out_regime,
        key_version
    from {{ ref('data_sharing_agreement') }}
),

pseudonym as (
    select
        agreement_id,
        opt_out_regime,
        key_version,
        person_key,
        person_pseudonym
    from {{ ref('rel_person_pseudonym') }}
),

final as (
    select
        pseudonym.agreement_id,
        pseudonym.person_key,
        earlier_key.key_version as earlier_key_version,
        {{ pseudonym('earlier_key', 'pseudonym.person_key') }} as earlier_pseudonym,
        pseudonym.key_version,
        pseudonym.person_pseudonym
    from pseudonym
    inner join agreement_key as earlier_key
        on
            pseudonym.agreement_id = earlier_key.agreement_id
            -- feeds with and without opt-outs are never linked, so neither are their keys
            and pseudonym.opt_out_regime = earlier_key.opt_out_regime
            and pseudonym.key_version > earlier_key.key_version
)

select * from final
