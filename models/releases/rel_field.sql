with

agreement as (
    select
        agreement_id,
        field_list
    from {{ ref('gov_agreement') }}
),

agreement_field as (
    select
        field_list,
        table_name,
        field_name,
        field_position
    from {{ ref('agreement_field') }}
),

definition as (
    select
        table_name,
        field_name,
        data_type,
        description
    from {{ ref('field_definition') }}
),

final as (
    select
        agreement.agreement_id,
        agreement_field.table_name,
        agreement_field.field_name,
        agreement_field.field_position,
        definition.data_type,
        definition.description
    from agreement
    inner join agreement_field using (field_list)
    inner join definition using (table_name, field_name)
)

select * from final
