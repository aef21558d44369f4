-- Planted faults that refuse nothing, in one file (2 rows each): the code of a trust that had merged
-- into another, the code of a trust that was not yet open, a main diagnosis and a further diagnosis
-- that a later edition of ICD-10 had withdrawn, an admission method that gives no point of delivery,
-- the date that HES writes for none, an ethnic category that is not known; and an episode sent again
-- under the ids of another system (1 row more).
-- Reads: seed_organisation, seed_organisation_successor. Reads and changes: file_row.
create or replace temp table faulty as
with merged as (
    select min(predecessor_code) as provider_code
    from seed_organisation_successor
    where succeeded_on < getvariable('first_day') and length(predecessor_code) = 3
        and starts_with(predecessor_code, 'R')
),

not_open as (
    select
        max_by(organisation_code, valid_from) as provider_code,
        max(valid_from) as opened_on
    from seed_organisation
    where organisation_role = 'trust'
),

numbered as (
    select
        cds_unique_identifier,
        admission_date::date as admission_date,
        row_number() over (order by cds_unique_identifier) as ordinal
    from file_row
    where
        is_plain
        and nhs_number <> ''
        and date_of_birth <> ''
        and discharge_date <> ''
        -- a code that the law restricts must stay
        and treatment_function_code not in ('501', '502')
        and getvariable('is_fault_month')
)

select
    numbered.cds_unique_identifier,
    case
        when numbered.ordinal <= 2 then 'a trust that had merged into another'
        when numbered.ordinal <= 4 then 'a trust that was not yet open'
        when numbered.ordinal <= 6 then 'a main diagnosis that was withdrawn'
        when numbered.ordinal <= 8 then 'a further diagnosis that was withdrawn'
        when numbered.ordinal <= 10 then 'a stay with no point of delivery'
        when numbered.ordinal <= 12 then 'a date that was not sent'
        when numbered.ordinal <= 14 then 'an ethnic category that is not known'
        else 'an episode under the ids of another system'
    end as fault,
    case
        when numbered.ordinal <= 2 then merged.provider_code
        when numbered.ordinal <= 4 then not_open.provider_code
    end as provider_code
from numbered
cross join merged
cross join not_open
where
    numbered.ordinal <= 15
    and (numbered.ordinal not in (3, 4) or numbered.admission_date < not_open.opened_on);

insert into file_row by name
select file_row.* replace (
    concat('COPY', file_row.cds_unique_identifier) as cds_unique_identifier,
    concat('COPY', file_row.hospital_spell_number) as hospital_spell_number,
    false as is_plain
)
from file_row
inner join faulty on file_row.cds_unique_identifier = faulty.cds_unique_identifier
where faulty.fault = 'an episode under the ids of another system';

insert into fault_key
select unnest(planted(
    faulty.fault,
    concat(expected.prefix, faulty.cds_unique_identifier),
    expected.caught_by,
    expected.caught_as
))
from faulty
inner join (
    values
    (
        'a trust that had merged into another', '',
        'stg_quality_finding', 'provider_code organisation_closed'
    ),
    (
        'a trust that was not yet open', '',
        'stg_quality_finding', 'provider_code organisation_not_open'
    ),
    (
        'a main diagnosis that was withdrawn', '',
        'stg_quality_finding', 'primary_diagnosis code_not_valid_on_the_day'
    ),
    (
        'a further diagnosis that was withdrawn', '',
        'stg_quality_finding', 'secondary_diagnoses code_not_valid_on_the_day'
    ),
    ('a stay with no point of delivery', '', 'fct_apc_spell', 'APCUNK'),
    ('a date that was not sent', '', 'stg_quality_item', 'discharge_date'),
    ('an ethnic category that is not known', '', 'stg_quality_item', 'ethnic_category'),
    (
        'an episode under the ids of another system', 'COPY',
        'idn_repeated_episode', 'cds_unique_identifier recorded_again'
    )
) as expected (fault, prefix, caught_by, caught_as) on faulty.fault = expected.fault;

update file_row
set
    provider_code = coalesce(faulty.provider_code, file_row.provider_code),
    primary_diagnosis = if(
        faulty.fault = 'a main diagnosis that was withdrawn', 'I48X', file_row.primary_diagnosis
    ),
    secondary_diagnoses = if(
        faulty.fault = 'a further diagnosis that was withdrawn', 'I10X;N180', file_row.secondary_diagnoses
    ),
    admission_method = if(
        faulty.fault = 'a stay with no point of delivery', '99', file_row.admission_method
    ),
    discharge_date = if(
        faulty.fault = 'a date that was not sent', '1800-01-01', file_row.discharge_date
    ),
    ethnic_category = if(
        faulty.fault = 'an ethnic category that is not known', '99', file_row.ethnic_category
    ),
    is_plain = false
from faulty
where file_row.cds_unique_identifier = faulty.cds_unique_identifier;
