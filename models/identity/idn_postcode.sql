with

directory_file as (
    select submission_id
    from {{ ref('stg_reference_file') }}
    where
        reference_list = 'postcode_directory'
        and is_in_use
),

directory as (
    select
        submission_id,
        source_row,
        postcode,
        lsoa_code,
        country_code,
        valid_from
    from {{ ref('stg_postcode_directory_checked') }}
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
    inner join directory_file using (submission_id)
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
