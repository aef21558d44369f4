with

relationship as (
    select
        commissioner_code,
        recipient_code,
        relationship_type,
        is_allowed,
        reasons
    from {{ ref('gov_relationship') }}
),

relationship_type as (
    select
        relationship_type,
        linked_by
    from {{ ref('relationship_type') }}
    where linked_by is not null
),

final as (
    select
        relationship.recipient_code,
        relationship_type.linked_by,
        relationship.commissioner_code as linked_code,
        bool_or(relationship.is_allowed) as is_allowed,
        case
            when bool_or(relationship.is_allowed) then []::varchar[]
            else list_sort(list_distinct(flatten(list(relationship.reasons))))
        end as reasons
    from relationship
    inner join relationship_type using (relationship_type)
    group by
        relationship.recipient_code,
        relationship_type.linked_by,
        relationship.commissioner_code
)

select * from final
