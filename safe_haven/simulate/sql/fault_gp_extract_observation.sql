-- Planted faults: records of people whom the practice forgot to leave out although they hold a Type 1
-- objection (in every file), and a record without an NHS number (1 row, in one file).
-- Reads and changes: file_row.
create or replace temp table faulty as
with plain as (
    select min(observation_id) as observation_id
    from file_row
    where is_plain and getvariable('is_fault_month')
)

select
    observation_id,
    'a person with a Type 1 objection' as fault,
    'nhs_number type_1_objection' as caught_as
from file_row
where is_leak
union all
select
    observation_id,
    'an observation without an NHS number' as fault,
    'nhs_number required' as caught_as
from plain
where observation_id is not null;

insert into fault_key
select unnest(planted(fault, observation_id, 'stg_error_report', caught_as))
from faulty;

update file_row
set
    nhs_number = if(
        faulty.fault = 'an observation without an NHS number', '', file_row.nhs_number
    ),
    is_plain = false
from faulty
where file_row.observation_id = faulty.observation_id;
