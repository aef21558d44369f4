with

agreement as (
    select
        agreement_id,
        agreement_version,
        recipient_code,
        information_flow,
        purpose,
        legal_basis,
        information_level,
        opt_out_regime,
        contract_reference,
        territory,
        starts_on,
        ends_on,
        retained_until
    from {{ ref('gov_agreement') }}
    where is_allowed
),

contract as (
    select
        contract_reference,
        signed_on,
        valid_from,
        valid_to
    from {{ ref('framework_contract') }}
),

basis as (
    select
        legal_basis,
        information_flow,
        valid_to
    from {{ ref('legal_basis') }}
),

party as (
    select
        agreement_id,
        agreement_version,
        list(
            json_object(
                'organisation_code', organisation_code,
                'role', party_role,
                'instruction', instruction_reference,
                'instructed_on', instructed_on
            )
            order by party_role, organisation_code
        ) as parties
    from {{ ref('agreement_party') }}
    where {{ in_force('joined_on', 'left_on', release_date()) }}
    group by
        agreement_id,
        agreement_version
),

allowed_value as (
    select
        agreement_id,
        agreement_version,
        limited,
        list(allowed_value order by allowed_value) as allowed_values
    from {{ ref('agreement_limit') }}
    group by
        agreement_id,
        agreement_version,
        limited
),

agreement_limit as (
    select
        agreement_id,
        agreement_version,
        map_from_entries(
            list(struct_pack(limited := limited, allowed := allowed_values) order by limited)
        ) as limits
    from allowed_value
    group by
        agreement_id,
        agreement_version
),

final as (
    select
        agreement.agreement_id,
        'agreement' as kind,
        1 as item_order,
        json_object(
            'agreement_id', agreement.agreement_id,
            'recipient_code', agreement.recipient_code,
            'version', agreement.agreement_version::varchar,
            'information_flow', agreement.information_flow,
            'purpose', agreement.purpose,
            'legal_basis', agreement.legal_basis,
            'legal_basis_ends_on', basis.valid_to,
            'information_level', agreement.information_level,
            'opt_out_regime', agreement.opt_out_regime,
            'territory', agreement.territory,
            'starts_on', agreement.starts_on,
            'ends_on', agreement.ends_on,
            'retained_until', agreement.retained_until,
            'contract', json_object(
                'contract_id', contract.contract_reference,
                'signed_on', contract.signed_on,
                'starts_on', contract.valid_from,
                'ends_on', contract.valid_to
            ),
            'parties', coalesce(party.parties, []),
            'limits', coalesce(to_json(agreement_limit.limits), json_object())
        ) as item
    from agreement
    inner join contract using (contract_reference)
    inner join basis using (legal_basis, information_flow)
    left join party using (agreement_id, agreement_version)
    left join agreement_limit using (agreement_id, agreement_version)
)

select * from final
