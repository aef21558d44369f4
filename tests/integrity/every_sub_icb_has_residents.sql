-- What: the geography reaches all 106 sub-ICBs, through the nine CCG mergers of April 2021.
-- When it matters: when the reference seeds change.
-- How to resolve: the merger seed lacks a CCG, or the LSOA sample lacks an area.
select sub_icb.sub_icb_code
from {{ ref('dim_commissioner') }} as sub_icb
left join {{ ref('dim_geography') }} as area
    on sub_icb.sub_icb_code = area.sub_icb_code
where area.sub_icb_code is null
