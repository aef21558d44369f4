-- Planted faults that refuse nothing, in one file (2 rows each): a practice that has closed, a local
-- id made of the NHS number, an appointment after the person's death, a treatment function that there
-- is not.
-- Reads: person, seed_gp_practice. Reads and changes: file_row.
create or replace temp table faulty as
with numbered as (
    select
        cds_unique_identifier,
        nhs_number,
        appointment_date::date as appointment_date,
        row_number() over (order by cds_unique_identifier) as ordinal
    from file_row
    where
        is_plain
        and nhs_number <> ''
        and date_of_birth <> ''
        and getvariable('is_fault_month')
),

closed_practice as (
    select min(practice_code) as practice_code
    from seed_gp_practice
    where valid_to < getvariable('first_day')
),

dead as (
    select
        nhs_number,
        date_of_birth,
        sex,
        postcode,
        date_of_death,
        row_number() over (order by date_of_death, person_id) as ordinal
    from person
    where date_of_death is not null
)

select
    numbered.cds_unique_identifier,
    case
        when numbered.ordinal <= 2 then 'a practice that has closed'
        when numbered.ordinal <= 4 then 'a local id made of the NHS number'
        when numbered.ordinal <= 6 then 'care after death'
        else 'a treatment function that there is not'
    end as fault,
    if(numbered.ordinal <= 2, closed_practice.practice_code, null) as gp_practice_code,
    if(numbered.ordinal between 3 and 4, concat('L', numbered.nhs_number), null)
        as local_patient_id,
    dead.nhs_number,
    dead.date_of_birth,
    dead.sex,
    dead.postcode
from numbered
cross join closed_practice
left join dead
    on
        numbered.ordinal - 4 = dead.ordinal
        and numbered.ordinal <= 6
        and numbered.appointment_date > dead.date_of_death
where
    numbered.ordinal <= 4
    or (numbered.ordinal <= 6 and dead.nhs_number is not null)
    or numbered.ordinal between 7 and 8;

insert into fault_key
select unnest(case fault
    when 'a practice that has closed'
        then planted(
                fault, cds_unique_identifier, 'stg_quality_finding',
                'gp_practice_code practice_closed'
            )
    when 'care after death'
        then planted(
                fault, cds_unique_identifier, 'idn_quality_finding',
                'date_of_death care_after_death'
            )
    when 'a treatment function that there is not'
        then planted(
                fault, cds_unique_identifier, 'stg_quality_finding',
                'treatment_function_code unknown_code'
            )
    else planted(
            fault, cds_unique_identifier, 'stg_quality_finding',
            'local_patient_id holds_nhs_number'
        )
end)
from faulty;

update file_row
set
    gp_practice_code = coalesce(faulty.gp_practice_code, file_row.gp_practice_code),
    local_patient_id = coalesce(faulty.local_patient_id, file_row.local_patient_id),
    nhs_number = coalesce(faulty.nhs_number, file_row.nhs_number),
    date_of_birth = coalesce(faulty.date_of_birth::varchar, file_row.date_of_birth),
    sex = coalesce(faulty.sex, file_row.sex),
    postcode = coalesce(faulty.postcode, file_row.postcode),
    treatment_function_code = if(
        faulty.fault = 'a treatment function that there is not',
        '999',
        file_row.treatment_function_code
    ),
    is_plain = false
from faulty
where file_row.cds_unique_identifier = faulty.cds_unique_identifier;
