with

file_in_use as (
    select submission_id
    from {{ ref('stg_reference_file') }}
    where
        reference_list = 'population'
        and is_in_use
),

population as (
    select
        submission_id,
        source_row,
        area_code,
        area_name,
        sex,
        age,
        people
    from {{ ref('stg_population_checked') }}
),

in_use as (
    select
        population.area_code,
        population.area_name,
        population.sex,
        population.age,
        population.people,
        row_number() over (
            partition by population.area_code, population.sex, population.age
            order by population.source_row desc
        ) as latest_first
    from population
    inner join file_in_use using (submission_id)
),

final as (
    select
        area_code,
        area_name,
        sex,
        age,
        people
    from in_use
    where latest_first = 1
)

select * from final
