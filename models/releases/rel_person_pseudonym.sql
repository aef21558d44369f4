with

eligibility as (
    select
        activity_key,
        agreement_id
    from {{ ref('gov_release_eligibility') }}
    where is_allowed
),

activity as (
    select
        activity_key,
        person_key
    from {{ ref('fct_activity') }}
),

agreement as (
    select
        agreement_id,
        opt_out_regime,
        key_version
    from {{ ref('gov_agreement') }}
),

owed_person as (
    select distinct
        eligibility.agreement_id,
        activity.person_key
    from eligibility
    inner join activity using (activity_key)
),

final as (
    select
        owed_person.agreement_id,
        agreement.opt_out_regime,
        agreement.key_version,
        owed_person.person_key,
        keyed_uuid(
            {{ agreement_key_name('agreement') }},
            {{ length_prefixed(["'pseudonym'", 'owed_person.person_key::varchar']) }}
        )::uuid as person_pseudonym
    from owed_person
    inner join agreement using (agreement_id)
)

select * from final
