-- What: the directly standardised rate and its limits are the ones worked out by hand, and no rate
-- is given where none may be.
-- When it matters: on every build; a wrong rate compares areas that are no different.
-- How to resolve: compare macros/rates with the source that its YAML names.
with

band as (
    select
        given.group_name,
        given.events,
        given.population,
        given.weight
    from (
        values
        -- (1 x 10/100 + 3 x 10/200) / 4 = 62.5 in a thousand
        ('two bands', 10, 100, 1),
        ('two bands', 10, 200, 3),
        -- one event fewer than a rate needs
        ('nine events', 9, 100, 1),
        ('ten events', 10, 100, 1),
        ('a band without people', 20, 100, 1),
        ('a band without people', 0, 0, 1),
        ('a negative count', 20, 100, 1),
        ('a negative count', -1, 100, 1),
        ('a negative weight', 20, 100, 1),
        ('a negative weight', 20, 100, -1),
        ('a missing count', 20, 100, 1),
        ('a missing count', null, 100, 1)
    ) as given (group_name, events, population, weight)
    union all
    -- one in a hundred at every age is one in a hundred in any standard population
    select
        'the same at every age' as group_name,
        1 as events,
        100 as population,
        standard_population as weight
    from {{ ref('european_standard_population_2013') }}
),

rate as (
    select
        group_name,
        round({{ directly_standardised_rate('events', 'population', 'weight', 1000) }}, 9) as rate,
        round(
            {{ directly_standardised_rate_limit(
                'events', 'population', 'weight', 1000, 'lower', 1.959963984540054
            ) }}, 9
        ) as lower_limit,
        round(
            {{ directly_standardised_rate_limit(
                'events', 'population', 'weight', 1000, 'upper', 1.959963984540054
            ) }}, 9
        ) as upper_limit
    from band
    group by group_name
),

known as (
    select
        answer.group_name,
        answer.rate,
        answer.lower_limit,
        answer.upper_limit
    from (
        values
        ('two bands', 62.5, 37.678702279, 97.204820315),
        ('nine events', null, null, null),
        ('a band without people', null, null, null),
        ('a negative count', null, null, null),
        ('a negative weight', null, null, null),
        ('a missing count', null, null, null)
    ) as answer (group_name, rate, lower_limit, upper_limit)
)

select
    known.group_name,
    rate.rate,
    rate.lower_limit,
    rate.upper_limit
from known
left join rate using (group_name)
where
    known.rate is distinct from rate.rate
    or known.lower_limit is distinct from rate.lower_limit
    or known.upper_limit is distinct from rate.upper_limit
union all
select
    group_name,
    rate,
    lower_limit,
    upper_limit
from rate
where
    (group_name = 'the same at every age' and coalesce(rate <> 10, true))
    or (group_name = 'ten events' and coalesce(rate <> 100, true))
