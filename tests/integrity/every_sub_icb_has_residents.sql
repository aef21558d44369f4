-- What: the geography reaches all 106 sub-ICBs, through the nine CCG mergers of April 2021.
-- When it matters: when the reference seeds change.
-- How to resolve: the merger seed lacks a CCG, or the LSOA sample lacks an area.
select sub_icb.sub_icb_code
from {{ ref('sub_icb') }} as sub_icb
left join {{ ref('dim_geography') }} as geography
    on sub_icb.sub_icb_code = geography.sub_icb_code
where geography.sub_icb_code is null
