with

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
        contract_reference,
        starts_on,
        ends_on,
        retained_until,
        period_start,
        period_end
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

field as (
    select
        agreement_id,
        table_name,
        field_name,
        field_position
    from {{ ref('rel_field') }}
),

grounds as (
    select
        agreement_id,
        kind,
        item_order,
        item
    from {{ ref('rel_entitlement_grounds') }}
),

scope as (
    select
        agreement_id,
        kind,
        item_order,
        item
    from {{ ref('rel_entitlement_scope') }}
),

agreement_item as (
    select
        agreement.agreement_id,
        'agreement' as kind,
        1 as item_order,
        json_object(
            'agreement_id', agreement.agreement_id,
            'recipient_code', agreement.recipient_code,
            'version', agreement.agreement_version::varchar,
            'purpose', agreement.purpose,
            'legal_basis', agreement.legal_basis,
            'information_level', agreement.information_level,
            'opt_out_regime', agreement.opt_out_regime,
            'starts_on', agreement.starts_on,
            'ends_on', agreement.ends_on,
            'retained_until', agreement.retained_until,
            'contract', json_object(
                'contract_id', contract.contract_reference,
                'signed_on', contract.signed_on,
                'starts_on', contract.valid_from,
                'ends_on', contract.valid_to
            )
        ) as item
    from agreement
    inner join contract using (contract_reference)
),

field_item as (
    select
        field.agreement_id,
        'field' as kind,
        row_number() over (
            partition by field.agreement_id order by field.table_name, field.field_position
        ) as item_order,
        json_object('table', field.table_name, 'field', field.field_name) as item
    from agreement
    inner join field using (agreement_id)
),

period_item as (
    select
        agreement_id,
        'period' as kind,
        1 as item_order,
        json_object('start', period_start, 'end', period_end) as item
    from agreement
),

final as (
    select * from agreement_item
    union all
    select * from field_item
    union all
    select * from period_item
    union all
    select * from grounds
    union all
    select * from scope
)

select * from final
