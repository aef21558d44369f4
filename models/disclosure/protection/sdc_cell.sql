with

-- The same sub-population in several tables is one cell: union removes the other copies.
published as (
    {{ cells_of_linked_tables() }}
),

relation as (
    select
        relation_id,
        block,
        total_cell_id,
        part_cell_id,
        part_is_published
    from {{ ref('sdc_relation') }}
),

published_parts as (
    select
        relation.relation_id,
        sum(published.records) as records
    from relation
    inner join published
        on relation.part_cell_id = published.cell_id
    group by relation.relation_id
),

-- What a total holds beyond its published parts.
unpublished as (
    select
        relation.part_cell_id as cell_id,
        relation.block,
        false as is_published,
        (total.records - published_parts.records)::bigint as records
    from relation
    inner join published_parts
        on relation.relation_id = published_parts.relation_id
    inner join published as total
        on relation.total_cell_id = total.cell_id
    where not relation.part_is_published
),

final as (
    select * from published
    union all by name
    select * from unpublished
)

select * from final
