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
    where {{ in_force('joined_on', 'left_on', release_date()) }}
),

agreement as (
    select
        agreement_id,
        agreement_version,
        recipient_code
    from {{ ref('data_sharing_agreement') }}
),

assured as (
    select organisation_code
    from {{ ref('gov_assured_organisation') }}
),

final as (
    select
        agreement.agreement_id,
        agreement.agreement_version,
        bool_or(
            party.organisation_code = agreement.recipient_code
            and party.party_role in ('controller', 'joint_controller')
        ) as is_recipient_controller,
        bool_and(assured.organisation_code is not null) as is_everybody_assured,
        bool_and(
            party.party_role <> 'processor'
            or (
                party.instruction_reference is not null
                and coalesce(party.instructed_on <= {{ release_date() }}, false)
            )
        ) as is_every_processor_instructed
    from agreement
    inner join party using (agreement_id, agreement_version)
    left join assured
        on party.organisation_code = assured.organisation_code
    group by
        agreement.agreement_id,
        agreement.agreement_version
)

select * from final
