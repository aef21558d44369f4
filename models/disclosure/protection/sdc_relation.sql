with

-- The same total of the same parts in several tables is one relation.
final as (
    {{ relations_of_linked_tables('cube') }}
)

select * from final
