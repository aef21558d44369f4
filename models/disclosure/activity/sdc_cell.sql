with

-- The same sub-population in several tables is one cell: union removes the other copies.
final as (
    {{ cells_of_linked_tables() }}
)

select * from final
