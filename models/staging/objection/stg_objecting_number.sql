-- Under which NHS numbers a record can come of somebody who objects: the number of the objection,
-- and every number that took its place or that it took the place of.
with recursive objection as (
    select
        nhs_number,
        kind,
        valid_from,
        valid_to
    from {{ ref('stg_objection') }}
),

superseded as (
    select
        nhs_number,
        superseded_by_nhs_number
    from {{ ref('stg_person') }}
    where superseded_by_nhs_number is not null
),

linked as (
    select
        nhs_number as from_number,
        superseded_by_nhs_number as to_number
    from superseded
    union all
    select
        superseded_by_nhs_number as from_number,
        nhs_number as to_number
    from superseded
),

-- `union` keeps each pair once, so that numbers that supersede each other in a circle end it
reached as (
    select
        nhs_number as objecting_number,
        nhs_number
    from objection
    union
    select
        reached.objecting_number,
        linked.to_number as nhs_number
    from reached
    inner join linked on reached.nhs_number = linked.from_number
),

final as (
    select distinct
        reached.nhs_number,
        objection.kind,
        objection.valid_from,
        objection.valid_to
    from objection
    inner join reached on objection.nhs_number = reached.objecting_number
)

select * from final
