with

directory as (
    select
        source_row,
        postcode,
        lsoa_code,
        country_code,
        valid_from
    from {{ ref('stg_postcode_directory') }}
),

in_use as (
    select
        directory.postcode,
        directory.lsoa_code,
        directory.country_code,
        row_number() over (
            partition by directory.postcode
            order by directory.valid_from desc, directory.source_row desc
        ) as latest_first
    from directory
),

final as (
    select
        postcode,
        lsoa_code,
        country_code
    from in_use
    where latest_first = 1
)

select * from final
