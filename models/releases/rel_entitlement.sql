with

agreement as (
    select
        agreement_id,
        period_start,
        period_end
    from {{ ref('gov_agreement') }}
    where is_allowed
),

field as (
    select
        agreement_id,
        table_name,
        field_name,
        field_position
    from {{ ref('rel_field') }}
),

agreement_item as (
    select
        agreement_id,
        kind,
        item_order,
        item
    from {{ ref('rel_entitlement_agreement') }}
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
