with

personal_column as (
    select
        database_name,
        schema_name,
        relation,
        column_name,
        sensitivity
    from {{ ref('gov_personal_column') }}
),

role_zone as (
    select
        role,
        database_name,
        schema_name,
        extent,
        opened_by
    from {{ ref('role_zone') }}
),

copied as (
    select
        database_name,
        schema_name,
        relation,
        'copy' as extent
    from {{ ref('analyst_copy') }}
    where rule <> 'left_out'
),

role as (
    select distinct role
    from role_zone
),

final as (
    select
        role.role,
        personal_column.database_name,
        personal_column.schema_name,
        personal_column.relation,
        personal_column.column_name,
        personal_column.sensitivity,
        coalesce(role_zone.extent <> 'copy' or copied.extent is not null, false) as is_visible,
        case when is_visible then role_zone.extent end as extent,
        case when is_visible then role_zone.opened_by end as opened_by
    from role
    cross join personal_column
    left join role_zone
        on
            role.role = role_zone.role
            and personal_column.database_name = role_zone.database_name
            and personal_column.schema_name = role_zone.schema_name
    left join copied
        on
            personal_column.database_name = copied.database_name
            and personal_column.schema_name = copied.schema_name
            and personal_column.relation = copied.relation
            and role_zone.extent = copied.extent
)

select * from final
