with

owed as (
    select distinct
        agreement_id,
        person_key
    from {{ ref('gov_release_eligibility') }}
    where is_allowed
),

agreement as (
    select
        agreement_id,
        opt_out_regime,
        key_version
    from {{ ref('gov_agreement') }}
),

final as (
    select
        owed.agreement_id,
        agreement.opt_out_regime,
        agreement.key_version,
        owed.person_key,
        {{ pseudonym('agreement', 'owed.person_key') }} as person_pseudonym
    from owed
    inner join agreement using (agreement_id)
)

select * from final
