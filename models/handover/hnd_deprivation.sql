with

file_in_use as (
    select
        submission_id,
        reference_list
    from {{ ref('stg_reference_file') }}
    where is_in_use
),

deprivation as (
    select
        submission_id,
        source_row,
        imd_edition,
        lsoa_code,
        imd_rank
    from {{ ref('stg_deprivation_checked') }}
),

in_use as (
    select
        deprivation.imd_edition,
        deprivation.lsoa_code,
        deprivation.imd_rank,
        row_number() over (
            partition by deprivation.imd_edition, deprivation.lsoa_code
            order by deprivation.source_row desc
        ) as latest_first
    from deprivation
    inner join file_in_use
        on
            deprivation.submission_id = file_in_use.submission_id
            and 'imd_' || deprivation.imd_edition = file_in_use.reference_list
),

final as (
    select
        imd_edition,
        lsoa_code,
        imd_rank
    from in_use
    where latest_first = 1
)

select * from final
