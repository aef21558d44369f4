with

agreement as (
    select
        agreement_id,
        recipient_code,
        flow
    from {{ ref('gov_agreement') }}
    where is_allowed
),

recipient_scope as (
    select
        recipient_code,
        linked_by,
        linked_code
    from {{ ref('gov_recipient_scope') }}
    where is_allowed
),

aggregate_scope as (
    select
        agreement_id,
        icb_code,
        sub_icb_code
    from {{ ref('gov_aggregate_scope') }}
),

-- every board with any activity is in each of the linked tables
board_in_tables as (
    select distinct icb_code
    from {{ ref('mart_activity_by_provider') }}
    where icb_code <> 'ALL' and sub_icb_code = 'ALL'
),

-- Who holds the rows of all of these can subtract them from the nation's: the auditor must know.
nation as (
    select coalesce(list(icb_code order by icb_code), []) as icb_codes
    from board_in_tables
),

aggregate_scope_item as (
    select
        aggregate_scope.agreement_id,
        'scope' as kind,
        1 as item_order,
        json_object(
            'dimension', 'commissioner',
            'codes', json_object(
                'icb_code', coalesce(
                    list_sort(list(distinct aggregate_scope.icb_code) filter (
                        where
                        aggregate_scope.icb_code <> 'ALL'
                        and aggregate_scope.sub_icb_code = 'ALL'
                    )),
                    []
                ),
                'sub_icb_code', coalesce(
                    list_sort(list(distinct aggregate_scope.sub_icb_code) filter (
                        where aggregate_scope.sub_icb_code <> 'ALL'
                    )),
                    []
                )
            ),
            'national', bool_or(aggregate_scope.icb_code = 'ALL'),
            'national_parts', json_object('icb_code', nation.icb_codes)
        ) as item
    from aggregate_scope
    cross join nation
    group by
        aggregate_scope.agreement_id,
        nation.icb_codes
),

record_link as (
    select
        agreement.agreement_id,
        recipient_scope.linked_by,
        list_sort(list(recipient_scope.linked_code)) as linked_codes
    from agreement
    inner join recipient_scope using (recipient_code)
    where agreement.flow = 'record_level'
    group by
        agreement.agreement_id,
        recipient_scope.linked_by
),

record_scope_item as (
    select
        agreement_id,
        'scope' as kind,
        1 as item_order,
        json_object(
            'dimension', 'commissioner',
            'codes', map_from_entries(
                list(struct_pack(field := linked_by, codes := linked_codes) order by linked_by)
            ),
            'national', false
        ) as item
    from record_link
    group by agreement_id
),

final as (
    select * from aggregate_scope_item
    union all
    select * from record_scope_item
)

select * from final
