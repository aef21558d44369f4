with

final as (
    select
        area_code,
        area_name,
        sex,
        age,
        people,
        submission_id
    from {{ ref('stg_population') }}
)

select * from final
