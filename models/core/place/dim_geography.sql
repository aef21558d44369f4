-- Areas of 2011 and today's commissioner of their residents, from the lookup where one is loaded,
-- else from the seed.
with

loaded as (
    select
        lsoa_code,
        local_authority_code,
        local_authority_name,
        ccg_code
    from {{ ref('hnd_area_lookup') }}
),

embedded as (
    select
        lsoa_code,
        local_authority_code,
        local_authority_name,
        ccg_2020_code as ccg_code
    from {{ ref('lsoa_2011') }}
    where not exists (select 1 from loaded)
),

lsoa as (
    select * from loaded
    union all
    select * from embedded
),

successor as (
    select
        organisation_code,
        current_code
    from {{ ref('dim_organisation_successor') }}
),

commissioner as (
    select
        sub_icb_code,
        icb_code,
        region_code
    from {{ ref('dim_commissioner') }}
),

deprivation as (
    select
        imd_edition,
        lsoa_code,
        imd_rank,
        imd_decile,
        imd_quintile
    from {{ ref('dim_deprivation') }}
),

current_code as (
    select
        lsoa.lsoa_code,
        lsoa.local_authority_code,
        lsoa.local_authority_name,
        {{ organisation_as_now('lsoa.ccg_code') }} as sub_icb_code
    from lsoa
    left join successor
        on lsoa.ccg_code = successor.organisation_code
),

final as (
    select
        current_code.lsoa_code,
        current_code.local_authority_code,
        current_code.local_authority_name,
        current_code.sub_icb_code,
        commissioner.icb_code,
        commissioner.region_code,
        imd_2019.imd_rank as imd_2019_rank,
        imd_2019.imd_decile as imd_2019_decile,
        imd_2019.imd_quintile as imd_2019_quintile,
        imd_2025.imd_rank as imd_2025_rank,
        imd_2025.imd_decile as imd_2025_decile,
        imd_2025.imd_quintile as imd_2025_quintile
    from current_code
    inner join commissioner using (sub_icb_code)
    left join deprivation as imd_2019
        on
            current_code.lsoa_code = imd_2019.lsoa_code
            and imd_2019.imd_edition = '2019'
    left join deprivation as imd_2025
        on
            current_code.lsoa_code = imd_2025.lsoa_code
            and imd_2025.imd_edition = '2025'
)

select * from final
