-- Ranks of the Index of Multiple Deprivation, each edition from its file where one is loaded, else
-- from the seeds. A decile is a tenth of all areas by rank.
with

edition as (
    select
        imd_edition,
        area_count
    from {{ ref('deprivation_edition') }}
),

loaded as (
    select
        imd_edition,
        lsoa_code,
        imd_rank
    from {{ ref('hnd_deprivation') }}
),

embedded as (
    select
        '2019' as imd_edition,
        lsoa_code,
        imd_2019_rank as imd_rank
    from {{ ref('lsoa_2011') }}
    union all
    select
        '2025' as imd_edition,
        lsoa_code,
        imd_rank
    from {{ ref('deprivation_2025') }}
),

ranked as (
    select * from loaded
    union all
    select * from embedded
    where imd_edition not in (select loaded.imd_edition from loaded)
),

deciled as (
    select
        ranked.imd_edition,
        ranked.lsoa_code,
        ranked.imd_rank,
        ceil(ranked.imd_rank * 10 / edition.area_count)::integer as imd_decile
    from ranked
    inner join edition using (imd_edition)
),

final as (
    select
        imd_edition,
        lsoa_code,
        imd_rank,
        imd_decile,
        ceil(imd_decile / 2)::integer as imd_quintile
    from deciled
)

select * from final
