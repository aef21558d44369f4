-- How does mortality differ between local authorities of unlike ages? By calendar year of death:
-- deaths of residents for 100,000 people, directly standardised by age to the European Standard
-- Population 2013, with its 95 % limits. No rows while no population estimates are loaded; no rate
-- where it would rest on fewer than ten deaths. Exact counts: not for release.
with

resident as (
    select
        area_code,
        area_name,
        {{ age_band('age') }} as age_band,
        sum(people) as people
    from {{ ref('dim_population') }}
    group by
        area_code,
        area_name,
        {{ age_band('age') }}
),

death as (
    select
        area.local_authority_code as area_code,
        death.age_band,
        year(death.death_date) as year_of_death,
        count(*) as deaths
    from {{ ref('fct_death') }} as death
    inner join {{ ref('dim_geography') }} as area using (lsoa_code)
    group by
        area.local_authority_code,
        death.age_band,
        year(death.death_date)
),

year_with_deaths as (
    select distinct
        area_code,
        year_of_death
    from death
),

-- Every age of an area that has deaths, those without a death too.
age_of_area as (
    select
        resident.area_code,
        resident.area_name,
        year_with_deaths.year_of_death,
        resident.people,
        european.standard_population,
        coalesce(death.deaths, 0) as deaths
    from resident
    inner join year_with_deaths using (area_code)
    inner join {{ ref('european_standard_population_2013') }} as european using (age_band)
    left join death
        on
            resident.area_code = death.area_code
            and resident.age_band = death.age_band
            and year_with_deaths.year_of_death = death.year_of_death
)

select
    area_code,
    area_name,
    year_of_death,
    sum(deaths) as deaths,
    {{ directly_standardised_rate('deaths', 'people', 'standard_population', 100000) }}
        as deaths_per_100000,
    {{ directly_standardised_rate_limit(
        'deaths', 'people', 'standard_population', 100000, 'lower', 1.959963984540054
    ) }} as lower_limit,
    {{ directly_standardised_rate_limit(
        'deaths', 'people', 'standard_population', 100000, 'upper', 1.959963984540054
    ) }} as upper_limit
from age_of_area
group by
    area_code,
    area_name,
    year_of_death
order by
    area_code asc,
    year_of_death asc
