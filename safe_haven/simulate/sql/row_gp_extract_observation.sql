-- Rows of the feed gp_extract_observation, in the column order of its contract. A practice knows the
-- NHS number of its patients. What is sent again had no value at first.
with measured as (
    select
        *,
        pick([
            {'code': '271649006', 'unit': 'mm[Hg]', 'lowest': 95, 'span': 90},
            {'code': '271650006', 'unit': 'mm[Hg]', 'lowest': 55, 'span': 50},
            {'code': '60621009', 'unit': 'kg/m2', 'lowest': 17, 'span': 25},
            {'code': '27113001', 'unit': 'kg', 'lowest': 45, 'span': 70},
            {'code': '999791000000106', 'unit': 'mmol/mol', 'lowest': 30, 'span': 60},
            {'code': '77176002', 'unit': '', 'lowest': 0, 'span': 1},
            {'code': '8517006', 'unit': '', 'lowest': 0, 'span': 1},
            {'code': '266919005', 'unit': '', 'lowest': 0, 'span': 1}
        ], 'observation', event_id) as observed
    from identified
)

select
    report_index + sending as report_index,
    is_leak,
    not is_canary and not sent_again and not is_leak as is_plain,
    record_id('G', is_canary, own_nhs_number, event_id) as observation_id,
    coalesce(nullif(nhs_number, ''), own_nhs_number) as nhs_number,
    local_patient_id,
    date_of_birth,
    sex,
    ethnic_category,
    postcode,
    gp_practice_code,
    provider_code,
    event_date::varchar as observation_date,
    observed.code as snomed_code,
    case
        when observed.unit = '' or (sent_again and sending = 0) then ''
        else (
            observed.lowest + below('observation value', event_id, observed.span)
        )::varchar || '.5'
    end as observation_value,
    observed.unit as observation_unit
from measured
