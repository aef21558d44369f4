with

population as (
    select
        area_code,
        area_name,
        sex,
        age,
        people
    from {{ ref('hnd_population') }}
),

final as (
    select
        area_code,
        area_name,
        sex,
        age,
        people
    from population
)

select * from final
