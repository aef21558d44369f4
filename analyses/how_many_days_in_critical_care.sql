-- How many days patients spent in critical care, by provider, kind and level, and for how many of
-- the periods the stay they belong to was found.
select
    provider_code,
    critical_care_type,
    count(*) as periods,
    count(spell_key) as periods_with_a_spell,
    sum(level_2_days) as level_2_days,
    sum(level_3_days) as level_3_days
from {{ ref('fct_critical_care') }}
group by
    provider_code,
    critical_care_type
order by
    periods desc,
    provider_code asc,
    critical_care_type asc
