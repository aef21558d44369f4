-- What do people die of, and which causes contribute? By calendar year of registration and
-- three-character ICD-10 code: deaths with it as the underlying cause, and deaths that mention it
-- anywhere on the certificate. Exact counts: not for release.
select
    year(death.registration_date) as year_of_registration,
    left(cause.cause_code, 3) as cause,
    count(distinct cause.record_key) filter (where cause.is_underlying) as deaths_due_to_it,
    count(distinct cause.record_key) as deaths_that_mention_it
from {{ ref('brg_death_cause') }} as cause
inner join {{ ref('fct_death') }} as death using (record_key)
group by
    year(death.registration_date),
    left(cause.cause_code, 3)
order by
    year_of_registration asc,
    deaths_due_to_it desc,
    deaths_that_mention_it desc,
    cause asc
