with final (database_name, schema_name, relation, column_name, sensitivity) as (
    {{ personal_columns() }}
)

select * from final
