-- Rows of the feed gp_list_size: once a quarter, the people registered with each practice by sex and
-- five-year age group, and the totals. Reads: month, person.
with registered as (
    select
        month.month_index as report_index,
        month.month_start as extract_date,
        practice_on(person.practice_1, person.practice_2, person.moved_on, month.month_start)
            as practice_code,
        if(person.sex = '2', 'FEMALE', 'MALE') as sex,
        (age_on(person.date_of_birth, month.month_start) // 5)::integer * 5 as age_from
    from month
    inner join person
        on
            person.date_of_birth < month.month_start
            and coalesce(person.date_of_death, date '9999-12-31') >= month.month_start
    where month.month_index % 3 = 0 and person.is_registered
)

select
    report_index,
    true as is_plain,
    extract_date::varchar as extract_date,
    practice_code,
    coalesce(sex, 'ALL') as sex,
    case
        when age_from is null then 'ALL'
        when age_from >= 95 then '95+'
        else concat(age_from, '_', age_from + 4)
    end as age_group,
    count(*)::varchar as patients
from (
    select * replace (least(age_from, 95) as age_from)
    from registered
)
group by grouping sets (
    (report_index, extract_date, practice_code, sex, age_from),
    (report_index, extract_date, practice_code, sex),
    (report_index, extract_date, practice_code)
)
