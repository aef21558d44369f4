with

final as (
    select
        lsoa_code,
        local_authority_code,
        local_authority_name,
        ccg_code,
        submission_id
    from {{ ref('stg_area_lookup') }}
)

select * from final
