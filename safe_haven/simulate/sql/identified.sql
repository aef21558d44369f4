-- What a sender writes about who the patient is, for each row of `event`.
-- Reads: event (event_id, identity_id, person_id, event_date, provider_code, is_withheld, …);
-- identity_id is the same for records that one sender writes from one admission.
create or replace temp table identified as
with known as (
    select
        event.*,
        person.is_canary,
        person.nhs_number as own_nhs_number,
        person.date_of_birth as born,
        person.family_name,
        person.given_name,
        person.postcode as home_postcode,
        sent_nhs_number(
            person.is_canary, person.nhs_number, person.old_nhs_number, event.identity_id
        ) as sent_number,
        person.sex,
        person.ethnic_category,
        practice_on(person.practice_1, person.practice_2, person.moved_on, event.event_date)
            as gp_practice_code,
        case
            when not person.is_registered then person.residence_code
            -- Senders do not always know who pays.
            when uniform('payer wrong', event.identity_id) < 0.02
                then pick(getvariable('area_codes'), 'payer', event.identity_id)
            else practice_on(
                    person.practice_commissioner_1,
                    person.practice_commissioner_2,
                    person.moved_on,
                    event.event_date
                )
        end as commissioner_code
    from event
    inner join person on event.person_id = person.person_id
)

select
    *,
    if(is_withheld, '', sent_number) as nhs_number,
    if(
        is_withheld, '', local_id(is_canary, own_nhs_number, person_id, provider_code)
    ) as local_patient_id,
    case
        when is_withheld then ''
        when not is_canary and uniform('birth date missing', identity_id) < 0.005 then ''
        else born::varchar
    end as date_of_birth,
    if(is_withheld, '', home_postcode) as postcode,
    site_of(provider_code, identity_id) as site_code,
    -- One record in a hundred is sent twice (net change): first without what was not yet known,
    -- then whole, with the next month's file. `sending` is 0, then 1.
    (
        not is_canary
        and uniform('sent again', event_id) < 0.01
        and report_index < getvariable('months') - 1
    ) as sent_again,
    unnest(if(sent_again, [0, 1], [0])) as sending
from known;
