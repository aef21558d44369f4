-- Rows of the feed quality_outcomes_indicator: once a year, the year before. Reads: month, person.
-- Codes of registers and indicators are real; how many patients they find is drawn.
with list as (
    select
        month.month_index as report_index,
        concat(year(month.month_start) - 1, '/', strftime(month.month_start, '%y')) as financial_year,
        practice_on(person.practice_1, person.practice_2, person.moved_on, month.month_start)
            as practice_code,
        count(*) as list_size
    from month
    inner join person
        on
            person.date_of_birth < month.month_start
            and coalesce(person.date_of_death, date '9999-12-31') >= month.month_start
    where month.month_index % 12 = 0 and person.is_registered
    group by all
),

counted as (
    select
        list.*,
        register.*,
        concat(practice_code, ':', financial_year, ':', register_code) as id,
        floor(list_size * percent * (0.8 + 0.4 * uniform('register', id)) / 100)::integer
            as register_size,
        least(register_size, below('adjusted', id, 3)) as adjustments,
        register_size - adjustments as denominator,
        floor(denominator * (0.6 + 0.4 * uniform('achieved', id)))::integer as numerator
    from list
    cross join (
        values
        ('AF', 'Atrial fibrillation', 2.1, 'AF006'),
        ('AST', 'Asthma', 6.5, 'AST007'),
        ('DM', 'Diabetes mellitus', 7.3, 'DM019'),
        ('HYP', 'Hypertension', 14.0, 'HYP008')
    ) as register (register_code, register_name, percent, indicator)
)

select
    report_index,
    true as is_plain,
    financial_year,
    practice_code,
    register_code as indicator_code,
    concat('Register: ', register_name) as indicator_description,
    '' as numerator,
    '' as denominator,
    '' as personalised_care_adjustments,
    '' as achievement_percent,
    register_size::varchar as register_size,
    list_size::varchar as list_size
from counted
union all
select
    report_index,
    true as is_plain,
    financial_year,
    practice_code,
    indicator as indicator_code,
    register_name as indicator_description,
    numerator::varchar as numerator,
    denominator::varchar as denominator,
    adjustments::varchar as personalised_care_adjustments,
    coalesce((100 * numerator / nullif(denominator, 0))::decimal(18, 5)::varchar, '')
        as achievement_percent,
    '' as register_size,
    '' as list_size
from counted
