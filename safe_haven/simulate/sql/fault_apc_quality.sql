-- Planted faults that refuse nothing, in one file (1 row each, a second record for the first two): a
-- stay at another provider during a stay; an episode two days after the one before it; a maternity
-- admission of indeterminate sex.
-- Reads: trust. Reads and changes: file_row.
create or replace temp table faulty as
with stay as (
    select
        cds_unique_identifier,
        admission_method in ('31', '32') as is_maternity,
        row_number() over (
            partition by admission_method in ('31', '32')
            order by cds_unique_identifier
        ) as ordinal
    from file_row
    where
        is_plain
        and nhs_number <> ''
        and date_of_birth <> ''
        and hospital_spell_number <> ''
        and discharge_date <> ''
        and (
            admission_method in ('31', '32')
            or discharge_date::date - admission_date::date >= 2
        )
        and getvariable('is_fault_month')
)

select
    cds_unique_identifier,
    case
        when is_maternity then 'a delivery of indeterminate sex'
        when ordinal = 1 then 'a stay at two providers'
        else 'a gap between episodes'
    end as fault
from stay
where ordinal = 1 or (ordinal = 2 and not is_maternity);

insert into file_row by name
select file_row.* replace (
    concat('COPY', file_row.cds_unique_identifier) as cds_unique_identifier,
    if(
        faulty.fault = 'a stay at two providers',
        (select min(trust.provider_code) from trust where trust.provider_code <> file_row.provider_code),
        file_row.provider_code
    ) as provider_code,
    if(
        faulty.fault = 'a stay at two providers',
        (file_row.admission_date::date + 1)::varchar,
        file_row.admission_date
    ) as admission_date,
    if(
        faulty.fault = 'a stay at two providers',
        (file_row.admission_date::date + 1)::varchar,
        (file_row.discharge_date::date + 2)::varchar
    ) as episode_start_date,
    if(
        faulty.fault = 'a stay at two providers',
        file_row.episode_end_date,
        (file_row.discharge_date::date + 3)::varchar
    ) as episode_end_date,
    if(
        faulty.fault = 'a stay at two providers',
        file_row.discharge_date,
        (file_row.discharge_date::date + 3)::varchar
    ) as discharge_date,
    if(faulty.fault = 'a stay at two providers', file_row.episode_number, '2') as episode_number,
    false as is_plain
)
from file_row
inner join faulty on file_row.cds_unique_identifier = faulty.cds_unique_identifier
where faulty.fault <> 'a delivery of indeterminate sex';

insert into fault_key
select unnest(case fault
    when 'a delivery of indeterminate sex'
        then planted(
                fault, cds_unique_identifier, 'stg_quality_finding', 'sex delivery_of_no_woman'
            )
    when 'a stay at two providers'
        then planted(
                fault, concat('COPY', cds_unique_identifier), 'idn_quality_finding',
                'admission_date in_hospital_elsewhere'
            )
    else planted(
            fault, concat('COPY', cds_unique_identifier), 'idn_quality_finding',
            'episode_start_date gap_between_episodes'
        )
end)
from faulty;

update file_row
set
    sex = if(faulty.fault = 'a delivery of indeterminate sex', '9', file_row.sex),
    is_plain = false
from faulty
where file_row.cds_unique_identifier = faulty.cds_unique_identifier;
