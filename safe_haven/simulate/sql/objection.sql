-- Who objects to what, and when. 5 % have opted out nationally, 2 % hold a type 1 objection, one in
-- twenty of either has been withdrawn. Canaries have a withdrawn national one (so that they are in
-- this feed and in every pack); the last two have one in force. Reads: person. Writes: objection.
create or replace table objection as
with kind as (
    select
        unnest(['national_data_opt_out', 'type_1']) as kind,
        unnest([0.05, 0.02]) as share
),

held as (
    select
        person.nhs_number,
        person.is_canary,
        person.person_id,
        kind.kind,
        concat(kind.kind, ':', person.person_id) as id,
        greatest(
            date '2018-05-25'
            + below('objects on', id, getvariable('last_day') - date '2018-05-25' + 1),
            person.date_of_birth
        ) as valid_from
    from person
    cross join kind
    where
        (person.is_canary and kind.kind = 'national_data_opt_out')
        or (not person.is_canary and uniform('objects', id) < kind.share)
)

select
    person_id,
    nhs_number,
    kind,
    case when is_canary then '2018-06-01' else valid_from::varchar end as valid_from,
    case
        when is_canary
            then if(person_id > getvariable('canaries') - 2, '', '2019-06-01')
        when uniform('withdrawn', id) < 0.05
            then least(
                    valid_from + 30 + below('withdrawn on', id, 700), getvariable('last_day')
                )::varchar
        else ''
    end as valid_to
from held
where
    is_canary
    or valid_from < getvariable('last_day') - 60;
