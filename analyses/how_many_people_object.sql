-- How many people have a national data opt-out in force on the release date, of all people alive,
-- by where they live. Someone under two numbers counts once. Exact counts: for the haven's own
-- staff, not for release.
with

person as (
    select
        person_key,
        lsoa_code
    from {{ ref('dim_person') }}
    where
        person_key = surviving_person_key
        and death_month is null
),

objection as (
    select person_key
    from {{ ref('gov_objection_in_force') }}
),

area as (
    select
        lsoa_code,
        sub_icb_code
    from {{ ref('dim_geography') }}
)

select
    coalesce(area.sub_icb_code, 'no area') as sub_icb_code,
    count(*) as people,
    count(objection.person_key) as people_who_object,
    round(100.0 * count(objection.person_key) / count(*), 1) as percent_who_object
from person
left join objection using (person_key)
left join area using (lsoa_code)
group by coalesce(area.sub_icb_code, 'no area')
order by
    people_who_object desc,
    sub_icb_code asc
