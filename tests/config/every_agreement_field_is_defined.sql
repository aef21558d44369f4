-- What: every field an agreement names has a definition, and every agreement names some field.
-- When it matters: when the agreement seeds change.
-- How to resolve: add the field to seeds/agreements/field_definition.csv, or mend the list's name.
select
    field.field_list,
    field.table_name,
    field.field_name
from {{ ref('agreement_field') }} as field
left join {{ ref('field_definition') }} as definition
    on
        field.table_name = definition.table_name
        and field.field_name = definition.field_name
where definition.field_name is null

union all

select
    agreement.field_list,
    null as table_name,
    null as field_name
from {{ ref('data_sharing_agreement') }} as agreement
left join {{ ref('agreement_field') }} as field
    on agreement.field_list = field.field_list
where field.field_list is null
