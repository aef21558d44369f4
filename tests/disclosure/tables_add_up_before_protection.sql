-- What: in the exact tables every total of records equals the sum of its parts.
-- When it matters: on every build; relations that do not hold would make the proof worthless.
-- How to resolve: a cube counts an activity twice or leaves a category out.
select
    relation.relation_id,
    total.records,
    sum(part.records) as records_of_parts
from {{ ref('sdc_relation') }} as relation
inner join {{ ref('sdc_cell') }} as total
    on relation.total_cell_id = total.cell_id
inner join {{ ref('sdc_cell') }} as part
    on relation.part_cell_id = part.cell_id
group by
    relation.relation_id,
    total.records
having total.records <> sum(part.records)
