-- How is activity spread over fifths of areas by deprivation, as of the edition of 2019? Exact
-- counts, for the safe haven's own eyes. Activity without an English area is in no fifth.
select
    activity.setting,
    area.imd_2019_quintile,
    count(*) as activities,
    count(distinct activity.person_key) as people
from {{ ref('fct_activity') }} as activity
left join {{ ref('dim_geography') }} as area
    on activity.lsoa_code = area.lsoa_code
group by
    activity.setting,
    area.imd_2019_quintile
order by
    activity.setting asc,
    area.imd_2019_quintile asc
