-- Planted faults of identity, in one file of a feed: numbers and birth dates that do not belong
-- together. One person's number on the records of three others; a number that nobody has; ten equal
-- digits; the default birth date; a birth date that is a day out; no number (2 rows each).
-- Reads: person, nhs_number. Reads and changes: file_row.
create or replace temp table faulty as
with one_of_a_kind as (
    select
        date_of_birth::varchar as date_of_birth,
        sex,
        postcode
    from person
    group by all
    having
        count(*) = 1
        and strftime(date_of_birth::date, '%m-%d') <> '01-01'
        and sex in ('1', '2')
        and not starts_with(postcode, 'ZZ99')
),

eligible as (
    -- one row a person, and a birth date a row, so that every number has one rightful owner
    select
        file_row.date_of_birth,
        min(file_row.cds_unique_identifier) as cds_unique_identifier,
        min_by(file_row.nhs_number, file_row.cds_unique_identifier) as nhs_number
    from file_row
    inner join one_of_a_kind using (date_of_birth, sex, postcode)
    where
        file_row.is_plain
        and file_row.nhs_number <> ''
        and getvariable('is_fault_month')
    group by file_row.date_of_birth
),

numbered as (
    select
        *,
        row_number() over (order by cds_unique_identifier) as ordinal
    from eligible
),

changed as (
    select
        cds_unique_identifier,
        date_of_birth,
        nhs_number,
        case
            when ordinal = 1 then 'owner of a shared number'
            when ordinal <= 4 then 'a number shared by several people'
            when ordinal <= 6 then 'a number that nobody has'
            when ordinal <= 8 then 'ten equal digits for a number'
            when ordinal <= 10 then 'birth date 1900-01-01'
            when ordinal <= 12 then 'a birth date that is a day out'
            else 'no number'
        end as fault,
        first(nhs_number) over (order by ordinal) as shared_number
    from numbered
    where ordinal <= 14
)

select
    cds_unique_identifier,
    fault,
    case fault
        when 'a number shared by several people' then shared_number
        when 'a number that nobody has'
            then (select max_by(issue.nhs_number, issue.ordinal) from nhs_number as issue)
        when 'ten equal digits for a number' then '0000000000'
        when 'no number' then ''
        else nhs_number
    end as nhs_number,
    case fault
        when 'birth date 1900-01-01' then '1900-01-01'
        when 'a birth date that is a day out' then (date_of_birth::date - 1)::varchar
        else date_of_birth
    end as date_of_birth,
    case fault
        when 'owner of a shared number' then 'agrees'
        when 'a number that nobody has' then 'not_held none'
        when 'birth date 1900-01-01' then 'no_date_of_birth none'
        when 'ten equal digits for a number' then 'absent demographic'
        when 'no number' then 'absent demographic'
        else 'other_date_of_birth none'
    end as caught_as
from changed;

insert into fault_key
select unnest(planted(fault, cds_unique_identifier, 'idn_trace', caught_as))
from faulty
where caught_as <> 'agrees'
union all
select unnest(planted(
    fault, cds_unique_identifier, 'stg_error_report', 'nhs_number nhs_number_modulus_11'
))
from faulty
where fault = 'ten equal digits for a number';

update file_row
set nhs_number = faulty.nhs_number, date_of_birth = faulty.date_of_birth, is_plain = false
from faulty
where file_row.cds_unique_identifier = faulty.cds_unique_identifier;
