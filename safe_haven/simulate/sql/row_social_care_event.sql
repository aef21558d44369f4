-- Rows of the feed social_care_event, in the column order of its contract. What is sent again comes
-- with the next quarter's import; a service that goes on has no end in it.
select
    least(report_index + 3 * sending, getvariable('months') - 1) as report_index,
    not is_canary and not sent_again as is_plain,
    record_id('S', is_canary, own_nhs_number, event_id) as event_reference,
    -- one person in ten is known to the authority by its own id only
    if(not is_canary and uniform('authority id only', person_id) < 0.10, '', nhs_number)
        as nhs_number,
    if(is_canary, local_patient_id, concat('SC', number_at_authority)) as local_patient_id,
    date_of_birth,
    sex,
    ethnic_category,
    postcode,
    gp_practice_code,
    provider_code,
    if(uniform('carer', person_id) < 0.15, 'Carer', 'Service User') as client_type,
    case
        when event_type = 'Request' then 'Unknown'
        else pick([
                'Learning Disability Support', 'Mental Health Support',
                'Physical Support: Access & mobility only',
                'Physical Support: Personal care support',
                'Physical Support: Personal care support', 'Support with Memory & Cognition'
            ], 'support reason', person_id)
    end as primary_support_reason,
    event_type,
    event_date::varchar as event_start_date,
    case
        when event_type <> 'Service' then event_date::varchar
        when uniform('social care goes on', event_id) < 0.6 or (sent_again and sending = 0) then ''
        else ends_on::varchar
    end as event_end_date,
    case
        when event_type = 'Request'
            then pick([
                    'Progress to Assessment / Unplanned Review',
                    'NFA - Information & Advice / Signposting only'
                ], 'social care outcome', event_id)
        when event_type = 'Review' then 'No change in package'
        when event_type = 'Service' and event_end_date = '' then 'Provision of service'
        when event_type = 'Service' then 'Service ended as planned'
        else 'Progress to Support Planning / Services'
    end as event_outcome,
    case
        when event_type = 'Service'
            then pick([
                    'Long Term Support: Community', 'Long Term Support: Community',
                    'Long Term Support: Residential Care', 'Long Term Support: Nursing Care',
                    'Short Term Support: ST-Max'
                ], 'service type', event_id)
        else ''
    end as service_type,
    if(event_type = 'Service', 'CASSR Commissioned support', '') as delivery_mechanism,
    if(event_type = 'Service', (180 + below('unit cost', event_id, 900))::varchar || '.50', '')
        as unit_cost
from identified
