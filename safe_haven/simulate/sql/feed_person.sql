-- Feed person: one row per NHS number; a superseded number points to the one that replaced it.
select
    nhs_number,
    '' as superseded_by_nhs_number,
    family_name,
    given_name,
    date_of_birth::varchar as date_of_birth,
    sex,
    address_line,
    postcode,
    coalesce(date_of_death::varchar, '') as date_of_death,
    sensitivity_flag
from person
union all
select
    old_nhs_number as nhs_number,
    nhs_number as superseded_by_nhs_number,
    family_name,
    given_name,
    date_of_birth::varchar as date_of_birth,
    sex,
    address_line,
    postcode,
    coalesce(date_of_death::varchar, '') as date_of_death,
    sensitivity_flag
from person
where old_nhs_number is not null
