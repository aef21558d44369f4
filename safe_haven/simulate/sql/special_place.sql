-- Places of the cases that try the responsible commissioner. The letters AM, AN and AQ begin no
-- British postcode area; the prison is a real place.
create or replace table special_place as
with area as (
    select
        coalesce(merger.sub_icb_code, lsoa.ccg_2020_code) as sub_icb_code,
        min(lsoa.lsoa_code) as lsoa_code
    from seed_lsoa_2011 as lsoa
    left join seed_ccg_2021_merger as merger on lsoa.ccg_2020_code = merger.ccg_2020_code
    group by all
),

-- Shropshire, at the Welsh border; Blackburn, of a board with delegation in 2024/25; Brighton, of a
-- board without.
english as (
    select
        map {'M2L0M': 'AM1 1AA', '00Q': 'AM2 1AA', '09D': 'AM3 1AA'}[sub_icb_code] as postcode,
        lsoa_code,
        'E92000001' as country_code
    from area
    where sub_icb_code in ('M2L0M', '00Q', '09D')
),

-- Flintshire, at the English border; Cardiff.
welsh as (
    select
        if(local_authority_code = 'W06000005', 'AN1 1AA', 'AN2 1AA') as postcode,
        min(lsoa_code) as lsoa_code,
        'W92000004' as country_code
    from seed_lsoa_2011_wales
    where local_authority_code in ('W06000005', 'W06000015')
    group by local_authority_code
)

select * from english
union all
select * from welsh
union all
select
    'AQ1 1AA' as postcode,
    '' as lsoa_code,
    'S92000003' as country_code
union all
select
    place_postcode as postcode,
    '' as lsoa_code,
    'E92000001' as country_code
from seed_prison
where place_postcode = 'NE65 9XG';
