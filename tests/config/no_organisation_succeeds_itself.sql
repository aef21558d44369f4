-- What: following successors never comes back to where it began, and an organisation that went
-- whole went to one other.
-- When it matters: when seeds/reference/organisation_successor or ccg_2021_merger changes.
-- How to resolve: one of the rows shown names predecessor and successor the wrong way round, or
-- says that the whole went to two.
with recursive

successor as (
    select
        predecessor_code,
        successor_code,
        is_whole
    from {{ ref('organisation_successor') }}
    union all
    select
        ccg_2020_code as predecessor_code,
        sub_icb_code as successor_code,
        true as is_whole
    from {{ ref('ccg_2021_merger') }}
),

chain as (
    select
        predecessor_code,
        successor_code
    from successor
    -- union, not union all: a pair that was found before ends the search
    union
    select
        chain.predecessor_code,
        successor.successor_code
    from chain
    inner join successor on chain.successor_code = successor.predecessor_code
),

final as (
    select
        predecessor_code,
        'comes back to itself' as fault
    from chain
    where predecessor_code = successor_code
    union all
    select
        predecessor_code,
        'went whole, and to more than one' as fault
    from successor
    group by predecessor_code
    having bool_or(is_whole) and count(*) > 1
)

select * from final
