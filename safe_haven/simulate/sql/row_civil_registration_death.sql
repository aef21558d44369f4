-- Rows of the feed civil_registration_death, in the column order of its contract. What is sent again
-- had no underlying cause at first.
select
    report_index + sending as report_index,
    not is_canary and not sent_again as is_plain,
    record_id('D', is_canary, own_nhs_number, event_id) as registration_id,
    nhs_number,
    date_of_birth,
    sex,
    postcode,
    gp_practice_code,
    provider_code,
    event_date::varchar as death_date,
    registered_on::varchar as registration_date,
    if(
        sent_again and sending = 0, '',
        pick([
            'C349', 'F03', 'G309', 'I219', 'I259', 'I64', 'J189', 'J440', 'C509', 'C61', 'K704'
        ], 'cause of death', event_id)
    ) as underlying_cause_code,
    pick([
        '', 'I10', 'E119', 'E119;N189', 'I48;I10', 'J449', 'F03;J189', 'N179;R54'
    ], 'other causes of death', event_id) as contributory_cause_codes,
    case
        when provider_code <> '' then 'hospital'
        else pick(
                ['home', 'home', 'care_home', 'care_home', 'hospice', 'elsewhere'],
                'place of death', event_id
            )
    end as place_of_death
from identified
