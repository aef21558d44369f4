-- Rows of the feed care_home_vaccination, in the column order of its contract: three invented homes
-- for each area of this world, one of which answers a month late, after the survey has ended.
-- The survey was held in April 2024, whenever the world begins. Reads: area, postcode, month,
-- seed_lsoa_2011.
with authority as (
    select
        postcode.area_index,
        min(lsoa.local_authority_code) as local_authority_code
    from postcode
    inner join seed_lsoa_2011 as lsoa on postcode.lsoa_code = lsoa.lsoa_code
    group by postcode.area_index
),

home as (
    select
        area.area_index * 3 + unnest(range(3)) as home_id,
        area.sub_icb_code,
        authority.local_authority_code
    from area
    inner join authority on area.area_index = authority.area_index
),

counted as (
    select
        home.*,
        if(home.home_id % 3 = 2, 1, 0) as report_index,
        5 + below('care home residents', home.home_id, 50) as residents,
        8 + below('care home staff', home.home_id, 60) as staff
    from home
)

select
    counted.report_index,
    true as is_plain,
    concat('1-', 100000000 + below('care home', counted.home_id, 800000) * 1000 + counted.home_id)
        as care_home_code,
    counted.local_authority_code,
    (date '2024-04-15' + to_months(counted.report_index))::date::varchar as survey_date,
    counted.residents::varchar as residents,
    (counted.residents - below('residents missed', counted.home_id, 6))::varchar
        as residents_vaccinated,
    counted.staff::varchar as staff,
    (counted.staff - below('staff missed', counted.home_id, 9))::varchar as staff_vaccinated
from counted
inner join month on counted.report_index = month.month_index
