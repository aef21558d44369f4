-- What: no agreement with packs has a list of fields with an NHS number, and no list has number and
--     pseudonym side by side.
-- When it matters: when the agreement seeds change.
-- How to resolve: take the field out of the list; numbers are given by controlled flows alone.
with

list_with_number as (
    select
        field_list,
        bool_or(field_name = 'person_pseudonym') as has_pseudonym
    from {{ ref('agreement_field') }}
    group by field_list
    having bool_or(field_name = 'nhs_number')
)

select
    agreement.agreement_id,
    agreement.agreement_version
from {{ ref('data_sharing_agreement') }} as agreement
inner join list_with_number
    on agreement.field_list = list_with_number.field_list
left join {{ ref('information_flow') }} as flow_rule
    on agreement.information_flow = flow_rule.information_flow
where
    list_with_number.has_pseudonym
    or flow_rule.pack_form is distinct from 'controlled'
