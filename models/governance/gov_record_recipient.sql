with

record as (
    select
        activity_key,
        responsible_commissioner_code,
        local_authority_code
    from {{ ref('gov_record') }}
),

linked as (
    select
        activity_key,
        'responsible_commissioner_code' as linked_by,
        responsible_commissioner_code as linked_code
    from record
    union all
    select
        activity_key,
        'local_authority_code' as linked_by,
        local_authority_code as linked_code
    from record
),

scope as (
    select
        recipient_code,
        linked_by,
        linked_code,
        is_allowed,
        reasons
    from {{ ref('gov_recipient_scope') }}
),

final as (
    select
        linked.activity_key,
        scope.recipient_code,
        bool_or(scope.is_allowed) as is_allowed,
        case
            when bool_or(scope.is_allowed) then []::varchar[]
            else list_sort(list_distinct(flatten(list(scope.reasons))))
        end as reasons
    from linked
    inner join scope using (linked_by, linked_code)
    group by
        linked.activity_key,
        scope.recipient_code
)

select * from final
