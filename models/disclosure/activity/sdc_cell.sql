with

by_provider as (
    {{ table_cells('cube_activity_by_provider', activity_by_provider_coordinates()) }}
),

by_age_sex as (
    {{ table_cells('cube_activity_by_age_sex', activity_by_age_sex_coordinates()) }}
),

-- The same sub-population in both tables is one cell: union removes the second copy.
final as (
    select * from by_provider
    union
    select * from by_age_sex
)

select * from final
