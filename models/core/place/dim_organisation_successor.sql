-- Follows successors to the organisation of today: each chain ends in a code without a successor.
-- A code that was split ends in several.
with recursive

successor as (
    select
        predecessor_code,
        successor_code,
        succeeded_on,
        is_whole
    from {{ ref('organisation_successor') }}
    union all
    select
        ccg_2020_code as predecessor_code,
        sub_icb_code as successor_code,
        merged_on as succeeded_on,
        true as is_whole
    from {{ ref('ccg_2021_merger') }}
),

chain as (
    select
        predecessor_code as organisation_code,
        successor_code,
        succeeded_on,
        is_whole,
        [predecessor_code, successor_code] as codes
    from successor
    union all
    select
        chain.organisation_code,
        successor.successor_code,
        successor.succeeded_on,
        chain.is_whole and successor.is_whole as is_whole,
        chain.codes || [successor.successor_code] as codes
    from chain
    inner join successor on chain.successor_code = successor.predecessor_code
    -- a cycle is refused by a test; here it must only end
    where not list_contains(chain.codes, successor.successor_code)
),

last_link as (
    select
        chain.organisation_code,
        chain.successor_code,
        chain.succeeded_on,
        chain.is_whole
    from chain
    left join successor on chain.successor_code = successor.predecessor_code
    where successor.predecessor_code is null
),

final as (
    select
        organisation_code,
        case when bool_and(is_whole) then min(successor_code) end as current_code,
        list(distinct successor_code order by successor_code) as current_codes,
        max(succeeded_on) as succeeded_on,
        not bool_and(is_whole) as is_split
    from last_link
    group by organisation_code
)

select * from final
