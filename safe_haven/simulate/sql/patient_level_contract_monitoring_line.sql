-- Lines that providers charge for the spells of a batch of months: the stay, the emergency attendance
-- before it, and drugs and devices beside the contract. Reads: spell. Writes: event.
-- Tariff groups are real; prices are invented.
create or replace temp table event as
with charged as (
    select
        person_id,
        person_month,
        is_canary,
        kind,
        admission_date,
        discharge_date,
        provider_code,
        hospital_spell_number,
        unnest(list_filter([
            if(kind = 'emergency', 'AE', ''),
            case
                when kind in ('day case', 'infertility') then 'DC'
                when kind = 'elective' then 'EL'
                when kind = 'regular day' then 'RDAY'
                when kind <> 'emergency' then 'NELNE'
                when days < 2 then 'NELST'
                else 'NEL'
            end,
            if(uniform('high-cost drug', person_month) < 0.05, 'DRUG', ''),
            if(uniform('high-cost device', person_month) < 0.02, 'DEVICE', '')
        ], lambda point_of_delivery : point_of_delivery <> '')) as point_of_delivery
    from spell
),

dated as (
    select
        *,
        if(point_of_delivery = 'AE', admission_date, discharge_date) as activity_date
    from charged
),

-- treatment function, tariff group, price of one
priced as (
    select
        *,
        pick(
            case
                when point_of_delivery = 'AE' then ['180|VB08Z|195', '180|VB09Z|150', '180|VB11Z|105']
                when point_of_delivery = 'DRUG' then ['800||1850', '303||960']
                when point_of_delivery = 'DEVICE' then ['110||740', '320||4200']
                when point_of_delivery = 'RDAY' then ['361|LD05A|165']
                when point_of_delivery = 'EL' then ['110|HN22E|6100', '110|HN12F|6400']
                when kind = 'infertility' then ['502|MC10Z|2100']
                when kind = 'birth' then ['424|PB03Z|900']
                when kind = 'maternity' then ['501|NZ30C|2300', '501|NZ30C|2300', '501|NZ50C|4100']
                when point_of_delivery = 'DC'
                    then ['130|BZ34A|910', '130|BZ34B|790', '301|FE32Z|520', '301|FE30Z|410']
                else ['300|DZ11V|2100', '320|EB07E|1300', '328|AA35F|3900', '300|FD10M|1100']
            end,
            'tariff',
            person_month
        ) as tariff,
        (10000 + below('market forces', provider_code, 1500))::decimal(18, 4) / 10000
            as market_forces
    from dated
)

select
    person_month * 10
    + coalesce(list_position(['AE', 'DRUG', 'DEVICE'], point_of_delivery), 9) as event_id,
    person_month as identity_id,
    person_id,
    activity_date as event_date,
    provider_code,
    hospital_spell_number,
    point_of_delivery,
    split_part(tariff, '|', 1) as treatment_function_code,
    split_part(tariff, '|', 2) as healthcare_resource_group,
    split_part(tariff, '|', 3)::decimal(18, 2) as unit_price,
    market_forces::decimal(18, 4) as market_forces_factor,
    (unit_price * market_forces_factor)::decimal(18, 2) as total_cost,
    kind = 'infertility' and not is_canary as is_withheld,
    date_diff('month', getvariable('first_day'), activity_date) as report_index
from priced
where activity_date <= getvariable('last_day');
