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

relationship as (
    select
        relationship_id,
        commissioner_code,
        recipient_code,
        relationship_type,
        valid_from,
        valid_to,
        published_on
    from {{ ref('gov_relationship') }}
    where is_allowed
),

assurance as (
    select
        organisation_code,
        standard,
        status,
        published_on,
        valid_to
    from {{ ref('security_assurance') }}
    where
        status = 'standards_met'
        and {{ in_force('published_on', 'valid_to', release_date()) }}
),

field as (
    select
        agreement_id,
        table_name,
        field_name,
        field_position
    from {{ ref('rel_field') }}
),

aggregate_scope as (
    select
        agreement_id,
        icb_code,
        sub_icb_code
    from {{ ref('gov_aggregate_scope') }}
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

relationship_item as (
    select
        agreement.agreement_id,
        'relationship' as kind,
        row_number() over (
            partition by agreement.agreement_id order by relationship.relationship_id
        ) as item_order,
        json_object(
            'relationship_id', relationship.relationship_id,
            'kind', relationship.relationship_type,
            'from_code', relationship.commissioner_code,
            'to_code', relationship.recipient_code,
            'starts_on', relationship.valid_from,
            'ends_on', relationship.valid_to,
            'published_on', relationship.published_on
        ) as item
    from agreement
    inner join relationship using (recipient_code)
),

assurance_item as (
    select
        agreement.agreement_id,
        'assurance' as kind,
        row_number() over (
            partition by agreement.agreement_id
            order by assurance.published_on, assurance.standard
        ) as item_order,
        json_object(
            'kind', assurance.standard,
            'reference', assurance.organisation_code,
            'status', assurance.status,
            'starts_on', assurance.published_on,
            'ends_on', assurance.valid_to
        ) as item
    from agreement
    inner join assurance
        on agreement.recipient_code = assurance.organisation_code
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

aggregate_scope_item as (
    select
        agreement_id,
        'scope' as kind,
        1 as item_order,
        json_object(
            'dimension', 'commissioner',
            'codes', json_object(
                'icb_code', coalesce(
                    list_sort(list(distinct icb_code) filter (
                        where icb_code <> 'ALL' and sub_icb_code = 'ALL'
                    )),
                    []
                ),
                'sub_icb_code', coalesce(
                    list_sort(list(distinct sub_icb_code) filter (where sub_icb_code <> 'ALL')), []
                )
            ),
            'national', bool_or(icb_code = 'ALL')
        ) as item
    from aggregate_scope
    group by agreement_id
),

record_scope_item as (
    select
        agreement.agreement_id,
        'scope' as kind,
        1 as item_order,
        json_object(
            'dimension', 'commissioner',
            'codes', json_object(
                'responsible_commissioner_code', list_sort(list(relationship.commissioner_code))
            ),
            'national', false
        ) as item
    from agreement
    inner join relationship using (recipient_code)
    where agreement.flow = 'record_level'
    group by agreement.agreement_id
),

final as (
    select * from agreement_item
    union all
    select * from relationship_item
    union all
    select * from assurance_item
    union all
    select * from field_item
    union all
    select * from period_item
    union all
    select * from aggregate_scope_item
    union all
    select * from record_scope_item
)

select * from final
