with

agreement as (
    select
        agreement_id,
        recipient_code,
        flow
    from {{ ref('gov_agreement') }}
    where is_allowed
),

relationship as (
    select
        commissioner_code,
        recipient_code
    from {{ ref('gov_relationship') }}
    where is_allowed
),

aggregate_scope as (
    select
        agreement_id,
        icb_code,
        sub_icb_code
    from {{ ref('gov_aggregate_scope') }}
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
    select * from aggregate_scope_item
    union all
    select * from record_scope_item
)

select * from final
