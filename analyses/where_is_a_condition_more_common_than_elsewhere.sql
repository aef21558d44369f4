-- Which practices have more patients on a disease register, for the size of their list, than all
-- practices together in that year?
with

register as (
    select
        financial_year,
        practice_code,
        indicator_code,
        indicator_description,
        register_size,
        list_size,
        prevalence_percent
    from {{ ref('fct_quality_outcomes_indicator') }}
    where register_size is not null and list_size > 0
),

compared as (
    select
        *,
        100.0 * sum(register_size) over everywhere / sum(list_size) over everywhere
            as prevalence_everywhere
    from register
    window everywhere as (partition by financial_year, indicator_code, indicator_description)
)

select
    financial_year,
    practice_code,
    indicator_code,
    indicator_description,
    prevalence_percent,
    prevalence_everywhere
from compared
where prevalence_percent > prevalence_everywhere
order by
    financial_year asc,
    indicator_code asc,
    indicator_description asc,
    prevalence_percent desc,
    practice_code asc
