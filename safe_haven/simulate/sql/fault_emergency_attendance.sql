-- Planted faults, in one file: an attendance far in the future (1 row, two rules), an arrival mode
-- that is no SNOMED CT code (1 row), a diagnosis and an investigation that are not approved (1 row each:
-- kept and flagged), the patient's number typed where a code goes (1 row each, two rules: the chief
-- complaint, a diagnosis), a treatment in words (1 row).
-- Reads and changes: file_row.
create or replace temp table faulty as
select
    cds_unique_identifier as record_identifier,
    row_number() over (order by cds_unique_identifier) as ordinal
from file_row
where is_plain and diagnoses <> '' and nhs_number <> '' and getvariable('is_fault_month')
order by cds_unique_identifier
limit 7;

insert into fault_key
select unnest(planted(expected.fault, faulty.record_identifier, expected.caught_by, expected.caught_as))
from faulty
inner join (
    values
    (1, 'an attendance far in the future', 'stg_error_report', 'arrival_date future_date'),
    (1, 'an attendance far in the future', 'stg_error_report', 'departure_date future_date'),
    (2, 'an arrival mode in words', 'stg_error_report', 'arrival_mode snomed_code_format'),
    (3, 'a diagnosis that is not approved', 'brg_emergency_code', 'diagnosis'),
    (4, 'a number for a code', 'stg_error_report', 'chief_complaint snomed_code_format'),
    (4, 'a number for a code', 'stg_error_report', 'chief_complaint holds_nhs_number'),
    (5, 'a number for a code', 'stg_error_report', 'diagnoses snomed_code_sequence_format'),
    (5, 'a number for a code', 'stg_error_report', 'diagnoses holds_nhs_number'),
    (6, 'an investigation that is not approved', 'brg_emergency_code', 'investigation'),
    (7, 'a treatment in words', 'stg_error_report', 'treatments snomed_code_sequence_format')
) as expected (ordinal, fault, caught_by, caught_as) on faulty.ordinal = expected.ordinal;

update file_row
set
    arrival_date = if(faulty.ordinal = 1, '2099-01-01', file_row.arrival_date),
    departure_date = if(faulty.ordinal = 1, '2099-01-01', file_row.departure_date),
    initial_assessment_date = if(faulty.ordinal = 1, '', file_row.initial_assessment_date),
    seen_for_treatment_date = if(faulty.ordinal = 1, '', file_row.seen_for_treatment_date),
    decision_to_admit_date = if(faulty.ordinal = 1, '', file_row.decision_to_admit_date),
    conclusion_date = if(faulty.ordinal = 1, '', file_row.conclusion_date),
    arrival_mode = if(faulty.ordinal = 2, 'AMBULANCE', file_row.arrival_mode),
    chief_complaint = if(faulty.ordinal = 4, file_row.nhs_number, file_row.chief_complaint),
    diagnoses = case faulty.ordinal
        when 3 then '999000000002102;44465007'
        when 5 then concat('44465007;', file_row.nhs_number)
        else file_row.diagnoses
    end,
    investigations = if(
        faulty.ordinal = 6, '999000000002102', file_row.investigations
    ),
    treatments = if(faulty.ordinal = 7, 'STITCHES', file_row.treatments),
    is_plain = false
from faulty
where file_row.cds_unique_identifier = faulty.record_identifier;
