-- Planted faults of codes, in one file (1 row each): a name, and the label of totals, where the code of
-- the provider goes (refused); a formula for the commissioner and the patient's number, its digits set
-- apart, for the site (left out).
-- Reads and changes: file_row.
create or replace temp table faulty as
select
    cds_unique_identifier,
    nhs_number,
    row_number() over (order by cds_unique_identifier) as ordinal
from file_row
where is_plain and nhs_number <> '' and getvariable('is_fault_month')
order by cds_unique_identifier
limit 4;

insert into fault_key
select unnest(planted(
    expected.fault, faulty.cds_unique_identifier, 'stg_error_report', expected.caught_as
))
from faulty
inner join (
    values
    (1, 'a name for a provider', 'provider_code organisation_code_format'),
    (2, 'the label of totals for a provider', 'provider_code organisation_code_format'),
    (3, 'a formula for a commissioner', 'commissioner_code organisation_code_format'),
    (4, 'a number for a site', 'site_code site_code_format')
) as expected (ordinal, fault, caught_as) on faulty.ordinal = expected.ordinal;

update file_row
set
    provider_code = case faulty.ordinal
        when 1 then 'SURNAME'
        when 2 then 'ALL'
        else file_row.provider_code
    end,
    commissioner_code = if(faulty.ordinal = 3, '=1+2', file_row.commissioner_code),
    site_code = if(
        faulty.ordinal = 4,
        concat_ws(';', faulty.nhs_number[:3], faulty.nhs_number[4:6], faulty.nhs_number[7:]),
        file_row.site_code
    ),
    is_plain = false
from faulty
where file_row.cds_unique_identifier = faulty.cds_unique_identifier;
