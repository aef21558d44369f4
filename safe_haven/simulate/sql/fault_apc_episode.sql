-- Planted faults. In one file: an unknown sex code (2 rows), a discharge before the admission
-- (3 rows), a postcode without its space (2 rows), a procedure in words (1 row). In every file: a check
-- digit that is wrong by one (2 rows in 1,000).
-- Reads and changes: file_row.
create or replace temp table faulty as
with plain as (
    select
        cds_unique_identifier,
        row_number() over (order by cds_unique_identifier) as ordinal
    from file_row
    where
        is_plain
        and discharge_date <> ''
        and postcode <> ''
        and getvariable('is_fault_month')
)

select
    cds_unique_identifier,
    case
        when ordinal <= 2 then 'unknown sex code'
        when ordinal <= 5 then 'discharge before admission'
        when ordinal <= 7 then 'a postcode without its space'
        else 'a procedure in words'
    end as fault,
    case
        when ordinal <= 2 then 'sex code_list'
        when ordinal <= 5 then 'discharge_date date_order'
        when ordinal <= 7 then 'postcode postcode_format'
        else 'primary_procedure opcs4_code_format'
    end as caught_as
from plain
where ordinal <= 8
union all
select
    cds_unique_identifier,
    'NHS number that fails modulus 11' as fault,
    'nhs_number nhs_number_modulus_11' as caught_as
from file_row
where
    is_plain
    and nhs_number <> ''
    and uniform('number fault', cds_unique_identifier) < 0.002
    and cds_unique_identifier not in (
        select plain.cds_unique_identifier from plain
        where plain.ordinal <= 8
    );

insert into fault_key
select unnest(planted(
    fault,
    cds_unique_identifier,
    if(fault = 'a postcode without its space', 'stg_quality_finding', 'stg_error_report'),
    caught_as
))
from faulty;

update file_row
set
    sex = if(faulty.fault = 'unknown sex code', '7', file_row.sex),
    discharge_date = if(
        faulty.fault = 'discharge before admission',
        (file_row.admission_date::date - 3)::varchar,
        file_row.discharge_date
    ),
    postcode = if(
        faulty.fault = 'a postcode without its space',
        replace(file_row.postcode, ' ', ''),
        file_row.postcode
    ),
    primary_procedure = if(
        faulty.fault = 'a procedure in words', 'HIP REPLACEMENT', file_row.primary_procedure
    ),
    nhs_number = if(
        faulty.fault = 'NHS number that fails modulus 11',
        concat(
            substr(file_row.nhs_number, 1, 9), (substr(file_row.nhs_number, 10, 1)::integer + 1) % 10
        ),
        file_row.nhs_number
    ),
    is_plain = false
from faulty
where file_row.cds_unique_identifier = faulty.cds_unique_identifier;
