with

lsoa as (
    select
        lsoa_code,
        local_authority_code,
        local_authority_name,
        ccg_2020_code,
        imd_2019_rank
    from {{ ref('lsoa_2011') }}
),

merger as (
    select
        ccg_2020_code,
        sub_icb_code
    from {{ ref('ccg_2021_merger') }}
),

sub_icb as (
    select
        sub_icb_code,
        icb_code,
        region_code
    from {{ ref('sub_icb') }}
),

current_code as (
    select
        lsoa.lsoa_code,
        lsoa.local_authority_code,
        lsoa.local_authority_name,
        lsoa.imd_2019_rank,
        coalesce(merger.sub_icb_code, lsoa.ccg_2020_code) as sub_icb_code
    from lsoa
    left join merger using (ccg_2020_code)
),

final as (
    select
        current_code.lsoa_code,
        current_code.local_authority_code,
        current_code.local_authority_name,
        current_code.sub_icb_code,
        sub_icb.icb_code,
        sub_icb.region_code,
        current_code.imd_2019_rank
    from current_code
    inner join sub_icb using (sub_icb_code)
)

select * from final
