with

agreement as (
    select
        agreement_id,
        field_list
    from {{ ref('gov_agreement') }}
    where flow in ('record_level', 'controlled')
),

field_table as (
    select distinct
        field_list,
        table_name
    from {{ ref('agreement_field') }}
),

final as (
    select
        agreement.agreement_id,
        case field_table.table_name when 'apc_spell' then 'admitted' else 'emergency' end as setting
    from agreement
    inner join field_table using (field_list)
)

select * from final
