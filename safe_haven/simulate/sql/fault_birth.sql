-- Planted fault, in every file that has one: the mother's number on the record of a birth (1 row).
-- The mother is the first woman of the world who can be one. Reads: person. Reads and changes: file_row.
create or replace temp table faulty as
with alone as (
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

birth as (
    select file_row.*
    from file_row
    inner join alone using (date_of_birth, sex, postcode)
    where file_row.is_plain and file_row.admission_method = '82'
    order by file_row.cds_unique_identifier
    limit 1
)

select
    birth.cds_unique_identifier,
    min_by(mother.nhs_number, mother.person_id) as nhs_number
from birth
inner join person as mother
    on
        mother.sex = '2'
        and date_sub('year', mother.date_of_birth, birth.date_of_birth::date) between 18 and 40
where not mother.is_canary
group by birth.cds_unique_identifier;

insert into fault_key
select unnest(planted(
    'the number of the mother on a baby', cds_unique_identifier, 'idn_trace',
    'of_the_mother demographic'
))
from faulty;

update file_row
set nhs_number = faulty.nhs_number, is_plain = false
from faulty
where file_row.cds_unique_identifier = faulty.cds_unique_identifier;
