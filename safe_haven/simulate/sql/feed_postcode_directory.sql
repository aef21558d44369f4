-- Feed postcode_directory: one row per postcode of this world, with its area. Not personal data.
select
    postcode,
    lsoa_code,
    'E92000001' as country_code,
    '1980-01-01' as valid_from,
    '' as valid_to
from postcode
union all
select
    postcode,
    lsoa_code,
    'E92000001' as country_code,
    '1980-01-01' as valid_from,
    '' as valid_to
from person
where is_canary
union all
select
    postcode,
    lsoa_code,
    country_code,
    '1980-01-01' as valid_from,
    '' as valid_to
from special_place
