with

version as (
    select
        agreement_id,
        agreement_version,
        recipient_code,
        flow,
        purpose,
        legal_basis,
        information_level,
        opt_out_regime,
        key_version,
        contract_reference,
        field_list,
        starts_on,
        ends_on,
        retained_until,
        period_start,
        period_end,
        row_number() over (
            partition by agreement_id
            order by starts_on <= {{ release_date() }} desc, starts_on desc, agreement_version desc
        ) as recency
    from {{ ref('data_sharing_agreement') }}
),

agreement as (
    select
        agreement_id,
        agreement_version,
        recipient_code,
        flow,
        purpose,
        legal_basis,
        information_level,
        opt_out_regime,
        key_version,
        contract_reference,
        field_list,
        starts_on,
        ends_on,
        retained_until,
        period_start,
        period_end
    from version
    where recency = 1
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

assured as (
    select distinct organisation_code
    from {{ ref('security_assurance') }}
    where {{ is_assured() }}
),

judged as (
    select
        agreement.agreement_id,
        agreement.agreement_version,
        agreement.recipient_code,
        agreement.flow,
        agreement.purpose,
        agreement.legal_basis,
        agreement.information_level,
        agreement.opt_out_regime,
        agreement.key_version,
        agreement.contract_reference,
        agreement.field_list,
        agreement.starts_on,
        agreement.ends_on,
        agreement.retained_until,
        agreement.period_start,
        agreement.period_end,
        {{ names_that_hold({
            'contract_not_signed':
                'contract.signed_on is null or contract.signed_on > ' ~ release_date(),
            'contract_not_in_force':
                'not ' ~ in_force('contract.valid_from', 'contract.valid_to', release_date()),
            'agreement_not_in_date':
                'not ' ~ in_force('agreement.starts_on', 'agreement.ends_on', release_date()),
            'assurance_not_in_date': 'assured.organisation_code is null',
            'level_does_not_fit_flow':
                "coalesce(agreement.information_level <> case agreement.flow"
                ~ " when 'aggregate' then 'aggregated' when 'record_level' then 'pseudonymised'"
                ~ " end, true)",
            'opt_outs_not_honoured_in_tables':
                "agreement.flow = 'aggregate' and agreement.opt_out_regime = 'applied'",
        }) }} as reasons
    from agreement
    left join contract
        on
            agreement.contract_reference = contract.contract_reference
            and agreement.recipient_code = contract.organisation_code
    left join assured
        on agreement.recipient_code = assured.organisation_code
),

final as (
    select
        agreement_id,
        agreement_version,
        recipient_code,
        flow,
        purpose,
        legal_basis,
        information_level,
        opt_out_regime,
        key_version,
        contract_reference,
        field_list,
        starts_on,
        ends_on,
        retained_until,
        period_start,
        period_end,
        len(reasons) = 0 as is_allowed,
        reasons
    from judged
)

select * from final
