with

file_in_use as (
    select submission_id
    from {{ ref('stg_reference_file') }}
    where
        reference_list = 'area_lookup'
        and is_in_use
),

area_lookup as (
    select
        submission_id,
        source_row,
        lsoa_code,
        local_authority_code,
        local_authority_name,
        ccg_code
    from {{ ref('stg_area_lookup_checked') }}
),

in_use as (
    select
        area_lookup.lsoa_code,
        area_lookup.local_authority_code,
        area_lookup.local_authority_name,
        area_lookup.ccg_code,
        row_number() over (
            partition by area_lookup.lsoa_code
            order by area_lookup.source_row desc
        ) as latest_first
    from area_lookup
    inner join file_in_use using (submission_id)
),

final as (
    select
        lsoa_code,
        local_authority_code,
        local_authority_name,
        ccg_code
    from in_use
    where latest_first = 1
)

select * from final
