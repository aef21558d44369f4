with

version as (
    select
        agreement_id,
        agreement_version,
        field_list
    from {{ ref('data_sharing_agreement') }}
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
        description
    from {{ ref('field_definition') }}
),

final as (
    select
        version.agreement_id,
        version.agreement_version,
        agreement_field.table_name,
        agreement_field.field_name,
        agreement_field.field_position,
        definition.description as field_description
    from version
    inner join agreement_field using (field_list)
    left join definition using (table_name, field_name)
)

select * from final
