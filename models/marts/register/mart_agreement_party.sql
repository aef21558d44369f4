with

party as (
    select
        agreement_id,
        agreement_version,
        organisation_code,
        party_role,
        instruction_reference,
        instructed_on,
        joined_on,
        left_on
    from {{ ref('agreement_party') }}
),

version as (
    select
        agreement_id,
        agreement_version,
        ends_on
    from {{ ref('data_sharing_agreement') }}
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
        party.instructed_on,
        party.joined_on,
        coalesce(party.left_on, version.ends_on) as left_on,
        {{ in_force('party.joined_on', 'party.left_on', release_date()) }} as may_hold
    from party
    inner join version using (agreement_id, agreement_version)
    left join organisation using (organisation_code)
)

select * from final
