with

party as (
    select
        agreement_id,
        agreement_version,
        organisation_code,
        party_role,
        instruction_reference,
        instructed_on
    from {{ ref('agreement_party') }}
),

organisation as (
    select
        organisation_code,
        organisation_name
    from {{ ref('organisation') }}
),

final as (
    select
        party.agreement_id,
        party.agreement_version,
        party.organisation_code,
        organisation.organisation_name,
        party.party_role,
        party.instruction_reference,
        party.instructed_on
    from party
    left join organisation using (organisation_code)
)

select * from final
