-- What every list of reference data is today: a loaded file, or what is embedded in the project.
with

embedded as (
    select
        reference_list,
        label,
        source,
        vintage
    from {{ ref('embedded_reference') }}
),

embedded_count as (
    select
        'epraccur' as reference_list,
        count(*) as row_count
    from {{ ref('gp_practice') }}
    union all
    select
        case organisation_role
            when 'trust' then 'etr'
            when 'sub_icb' then 'eccg'
            else 'eauth'
        end as reference_list,
        count(*) as row_count
    from {{ ref('organisation') }}
    where organisation_role in ('trust', 'sub_icb', 'region')
    group by reference_list
    union all
    select
        unnest(['area_lookup', 'imd_2019']) as reference_list,
        count(*) as row_count
    from {{ ref('lsoa_2011') }}
    union all
    select
        'imd_2025' as reference_list,
        count(*) as row_count
    from {{ ref('deprivation_2025') }}
),

file_in_use as (
    select
        reference_list,
        submission_id,
        layout,
        vintage,
        row_count
    from {{ ref('hnd_reference_file') }}
    where is_in_use
),

unused as (
    select
        reference_list,
        count(*) as unused_file_count
    from {{ ref('hnd_reference_file') }}
    where not is_in_use
    group by reference_list
),

final as (
    select
        embedded.reference_list,
        embedded.label,
        case
            when file_in_use.submission_id is not null then 'loaded'
            when embedded.vintage is not null then 'embedded'
            else 'absent'
        end as origin,
        coalesce(file_in_use.layout, embedded.source) as source, -- noqa: RF04
        coalesce(file_in_use.vintage::varchar, embedded.vintage) as vintage,
        coalesce(file_in_use.row_count, embedded_count.row_count, 0) as row_count,
        file_in_use.submission_id,
        coalesce(unused.unused_file_count, 0) as unused_file_count
    from embedded
    left join embedded_count using (reference_list)
    left join file_in_use using (reference_list)
    left join unused using (reference_list)
)

select * from final
