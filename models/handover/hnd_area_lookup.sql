with

final as (
    select
        lsoa_code,
        local_authority_code,
        local_authority_name,
        ccg_code
    from {{ ref('stg_area_lookup') }}
)

select * from final
