-- Who has a second, superseded number, and which one: those after the numbers that are in force.
-- Reads: variables persons, canaries.
create or replace table superseded as
select
    person_id,
    getvariable('persons') + row_number() over (order by person_id) as old_ordinal
from (select unnest(range(1, getvariable('persons') + 1)) as person_id)
where
    person_id = getvariable('canaries')
    or (person_id > getvariable('canaries') and uniform('superseded', person_id) < 0.003);
