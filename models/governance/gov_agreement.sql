with

version as (
    select
        agreement_id,
        agreement_version,
        recipient_code,
        information_flow,
        purpose,
        legal_basis,
        information_level,
        opt_out_regime,
        key_version,
        contract_reference,
        field_list,
        territory,
        starts_on,
        ends_on,
        retained_until,
        period_start,
        period_end
    from {{ ref('gov_agreement_version') }}
),

flow_rule as (
    select
        information_flow,
        pack_form,
        information_level,
        opt_out_regime
    from {{ ref('information_flow') }}
),

contract as (
    select
        contract_reference,
        organisation_code,
        signed_on,
        valid_from,
        valid_to
    from {{ ref('framework_contract') }}
),

legal_basis_in_force as (
    select
        legal_basis,
        list(information_flow) as flows
    from {{ ref('legal_basis') }}
    where {{ in_force('valid_from', 'valid_to', release_date()) }}
    group by legal_basis
),

existing as (
    select distinct organisation_code
    from {{ ref('dim_organisation') }}
    where {{ in_force('valid_from', 'valid_to', release_date()) }}
),

party as (
    select
        agreement_id,
        agreement_version,
        is_recipient_controller,
        is_everybody_assured,
        is_every_processor_instructed
    from {{ ref('gov_agreement_party') }}
),

in_conflict as (
    select agreement_id
    from {{ ref('gov_agreement_conflict') }}
),

limited_agreement as (
    select distinct
        agreement_id,
        agreement_version
    from {{ ref('agreement_limit') }}
),

judged as (
    select
        version.agreement_id,
        flow_rule.pack_form as flow,
        {{ names_that_hold({
            'recipient_not_in_existence': 'existing.organisation_code is null',
            'contract_not_signed':
                'contract.signed_on is null or contract.signed_on > ' ~ release_date(),
            'contract_not_in_force':
                'not ' ~ in_force('contract.valid_from', 'contract.valid_to', release_date()),
            'agreement_not_in_date':
                'not ' ~ in_force('version.starts_on', 'version.ends_on', release_date()),
            'legal_basis_not_in_force': 'legal_basis_in_force.legal_basis is null',
            'legal_basis_does_not_fit_flow':
                'not list_contains(legal_basis_in_force.flows, version.information_flow)',
            'recipient_not_controller': 'not coalesce(party.is_recipient_controller, false)',
            'assurance_not_in_date': 'not coalesce(party.is_everybody_assured, false)',
            'processor_without_instructions':
                'not coalesce(party.is_every_processor_instructed, false)',
            'level_does_not_fit_flow':
                'coalesce(version.information_level <> flow_rule.information_level, true)',
            'opt_outs_do_not_fit_flow':
                'coalesce(version.opt_out_regime <> flow_rule.opt_out_regime, true)',
            'opt_outs_could_be_subtracted': 'in_conflict.agreement_id is not null',
            'limits_do_not_fit_tables':
                "flow_rule.pack_form = 'aggregate' and limited_agreement.agreement_id is not null",
        }) }} as reasons
    from version
    left join flow_rule using (information_flow)
    left join contract
        on
            version.contract_reference = contract.contract_reference
            and version.recipient_code = contract.organisation_code
    left join legal_basis_in_force using (legal_basis)
    left join existing
        on version.recipient_code = existing.organisation_code
    left join party using (agreement_id, agreement_version)
    left join in_conflict using (agreement_id)
    left join limited_agreement using (agreement_id, agreement_version)
),

final as (
    select
        version.agreement_id,
        version.agreement_version,
        version.recipient_code,
        version.information_flow,
        judged.flow,
        version.purpose,
        version.legal_basis,
        version.information_level,
        version.opt_out_regime,
        version.key_version,
        version.contract_reference,
        version.field_list,
        version.territory,
        version.starts_on,
        version.ends_on,
        version.retained_until,
        version.period_start,
        version.period_end,
        len(judged.reasons) = 0 as is_allowed,
        judged.reasons
    from version
    inner join judged using (agreement_id)
)

select * from final
