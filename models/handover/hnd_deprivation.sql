with

final as (
    select
        imd_edition,
        lsoa_code,
        imd_rank,
        submission_id
    from {{ ref('stg_deprivation') }}
)

select * from final
