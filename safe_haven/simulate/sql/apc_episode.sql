-- Admissions of a slice of people in a batch of months, as spells and their consultant episodes.
-- Reads: active, people_slice, person, month, in_hospital; variables first_day, last_day.
-- Writes: spell, event, in_hospital (person_id, until): last day in hospital of earlier batches, where
-- it is in this batch or later.

create or replace temp table spell as
with admitted as (
    select
        person_id,
        person_month,
        is_canary,
        is_certain,
        sex,
        age,
        dies_on,
        'any' as reason,
        month_index,
        month_start + below('apc day', person_month, days_in_month) as admission_date,
        trust_for(trust_index, first_trust_index, trusts_in_icb, person_month) as trust_index,
        independent_code
    from active
    where
        is_certain
        or (
            uniform('apc', person_month) < care_need * 0.0222
            -- The last admission is made below.
            and coalesce(date_trunc('month', last_admission)::date <> month_start, true)
        )
    union all
    select
        person.person_id,
        person.person_id * 1000 + month.month_index as person_month,
        person.is_canary,
        false as is_certain,
        person.sex,
        0 as age,
        coalesce(person.date_of_death, date '9999-12-31') as dies_on,
        'birth' as reason,
        month.month_index,
        person.date_of_birth as admission_date,
        person.trust_index,
        person.independent_code
    from person
    inner join month
        on date_trunc('month', person.date_of_birth)::date = month.month_start
    inner join people_slice
        on person.person_id between people_slice.first_person and people_slice.last_person
    where not person.is_canary
    union all
    select
        person.person_id,
        person.person_id * 1000 + month.month_index as person_month,
        person.is_canary,
        false as is_certain,
        person.sex,
        age_on(person.date_of_birth, month.month_start) as age,
        person.date_of_death as dies_on,
        'last' as reason,
        month.month_index,
        person.last_admission as admission_date,
        person.trust_index,
        person.independent_code
    from person
    inner join month on date_trunc('month', person.last_admission)::date = month.month_start
    inner join people_slice
        on person.person_id between people_slice.first_person and people_slice.last_person
    where date_trunc('month', person.last_admission) <> date_trunc('month', person.date_of_birth)
),

kind as (
    select
        admitted.*,
        uniform('apc kind', person_month) as kind_draw,
        case
            when reason = 'birth' then 'birth'
            when reason = 'last' or is_certain then 'emergency'
            when sex = '2' and age between 18 and 42 and uniform('maternity', person_month) < 0.62
                then 'maternity'
            when kind_draw < 0.43
                then if(
                        sex = '2'
                        and age between 25 and 42
                        and uniform('infertility', person_month) < 0.25,
                        'infertility',
                        'day case'
                    )
            when kind_draw < 0.53 then 'elective'
            when kind_draw < 0.56 then 'regular day'
            when kind_draw < 0.57 then 'transfer'
            else 'emergency'
        end as kind
    from admitted
    where admitted.admission_date <= admitted.dies_on
),

stay as (
    select
        kind.*,
        uniform('stay', person_month) as stay_draw,
        -- Powers of a uniform draw: most stays are short, a few are long. At most 75 days.
        case
            when reason = 'last' then dies_on - admission_date
            when kind in ('day case', 'regular day', 'infertility') then 0
            when kind = 'elective' then floor(1 + 9 * stay_draw * stay_draw * stay_draw)
            when kind = 'maternity' then floor(4 * stay_draw * stay_draw)
            when kind = 'birth' then floor(4 * stay_draw * stay_draw * stay_draw)
            when uniform('long stay', person_month) < 0.02 then floor(26 + 49 * stay_draw)
            else floor(0.8 + 26 * stay_draw * stay_draw * stay_draw * stay_draw)
        end::integer as planned_days,
        uniform('episodes', person_month) as episode_draw,
        case
            when kind in ('day case', 'regular day', 'infertility', 'birth') then 1
            when episode_draw < 0.66 then 1
            when episode_draw < 0.89 then 2
            when episode_draw < 0.97 then 3
            else 4
        end as planned_episodes
    from kind
),

ended as (
    select
        *,
        admission_date + planned_days >= dies_on as died,
        least(dies_on, admission_date + planned_days) as discharge_date
    from stay
),

in_turn as (
    select
        ended.*,
        (discharge_date - admission_date)::integer as days,
        greatest(
            max(discharge_date) over (
                partition by ended.person_id
                order by ended.person_month
                rows between unbounded preceding and 1 preceding
            ),
            in_hospital.until
        ) as in_hospital_until
    from ended
    left join in_hospital on ended.person_id = in_hospital.person_id
)

select
    stay.* exclude (trust_index),
    least(stay.planned_episodes, stay.days + 1) as episodes,
    if(
        stay.kind in ('day case', 'elective') and uniform('independent', stay.person_month) < 0.06,
        stay.independent_code,
        trust.provider_code
    ) as provider_code,
    case
        when stay.is_canary
            then concat(
                    'SP',
                    strftime(person.date_of_birth, '%Y%m%d'),
                    lpad(stay.month_index::varchar, 3, '0')
                )
        else concat('S', token('spell', stay.person_month, 13))
    end as hospital_spell_number
from in_turn as stay
inner join trust on stay.trust_index = trust.trust_index
inner join person on stay.person_id = person.person_id
-- A person who is in hospital is not admitted again before the day after discharge.
where coalesce(stay.in_hospital_until < stay.admission_date, true);

create or replace table in_hospital as
with stay as (
    from in_hospital
    union all
    select
        person_id,
        discharge_date as until
    from spell
)

select
    person_id,
    max(until) as until
from stay
where until >= (select min(month.month_start) from month)
group by person_id;

create or replace temp table event as
with episode as (
    select
        spell.*,
        unnest(range(1, episodes + 1)) as episode
    from spell
),

dated as (
    select
        *,
        person_month * 10 + episode as event_id,
        admission_date + ((days * (episode - 1)) // episodes)::integer as episode_start,
        if(
            episode = episodes,
            discharge_date,
            admission_date + ((days * episode) // episodes)::integer
        ) as episode_end
    from episode
),

-- code of the diagnosis, treatment function, main procedure, healthcare resource group
coded as (
    select
        *,
        pick(
            case
                when kind = 'birth' then ['Z380|424||PB03Z']
                when kind = 'infertility'
                    then ['N979|502|Q131|MC12Z', 'N979|502|Q211|MC12Z', 'N978|502|Q131|MC12Z', 'N970|502|Q211|MC12Z']
                when kind = 'maternity'
                    then [
                            'O800|501|R249|NZ30C', 'O800|501|R249|NZ30C', 'O821|501|R172|NZ50C', 'O820|501|R171|NZ50C',
                            'O702|501|R249|NZ31C', 'O471|501||NZ19B', 'O360|501||NZ19B', 'O200|501||MB08B'
                        ]
                when kind = 'regular day'
                    then ['N185|361|X403|LD01A', 'N185|361|X403|LD01A', 'C900|303|X352|SA30E', 'D571|303|X331|SA37Z']
                when kind = 'day case'
                    then [
                            'H269|130|C751|BZ34C', 'H251|130|C751|BZ34C', 'K295|301|G451|FE21Z', 'D126|301|H229|FE32Z',
                            'K409|100|T202|FF62D', 'C509|800|X701|SB97Z', 'S835|110|W852|HN24C', 'L570|330|S065|JC42A',
                            'N329|101|M459|LB72A', 'G560|110|A651|HN45A', 'K635|301|H201|FE31Z', 'C443|330|S065|JC42A'
                        ]
                when kind = 'elective'
                    then [
                            'M170|110|W401|HN22E', 'M161|110|W371|HN12F', 'C189|100|H072|FF31D', 'I251|320|K401|ED28C',
                            'K802|100|J183|GA10K', 'C61X|101|M611|LB21B', 'C509|103|B274|JA38C', 'J342|120|E036|CA11A',
                            'I489|320|K621|EY31B', 'M480|110|V254|HC64C'
                        ]
                when age < 16
                    then [
                            'J219|420||PD15D', 'B349|420||PW20C', 'J459|420||PD12C', 'A099|420||PF21B', 'R568|420||PR03C',
                            'S525|110|W262|HT44D', 'K358|171|H012|FF37F', 'R509|420||PW20C'
                        ]
                when age >= 75
                    then [
                            'N390|430||LA04S', 'S720|110|W192|HE11D', 'J181|430||DZ11V', 'R296|430||WH09G', 'I501|430||EB03E',
                            'A419|430||WJ06J', 'F059|430||WD01Z', 'I639|328|U212|AA35F', 'N179|430||LA07P', 'J441|340||DZ65J'
                        ]
                else [
                        'J181|300||DZ11V', 'I214|320|K751|EY41D', 'A419|300||WJ06J', 'N390|300||LA04S', 'R074|300||EB12C',
                        'K358|100|H012|FF37D', 'I639|328|U212|AA35F', 'J441|340||DZ65J', 'T391|300||WH04E', 'F100|300||WD09Z',
                        'L031|300||JD07K', 'R55X|300||EB08E', 'I489|320||EB07E', 'K802|100||GC17K'
                    ]
            end,
            'apc code',
            -- One in four later episodes is for another condition.
            if(uniform('same condition', event_id) < 0.75, person_month, event_id)
        ) as code
    from dated
)

select
    event_id,
    person_month as identity_id,
    person_id,
    admission_date as event_date,
    provider_code,
    hospital_spell_number,
    kind,
    age,
    died,
    episode,
    episodes,
    admission_date,
    episode_start,
    if(episode_end <= getvariable('last_day'), episode_end, null) as episode_end,
    case
        when episode = episodes and discharge_date <= getvariable('last_day') then discharge_date
    end as discharge_date,
    split_part(code, '|', 1) as primary_diagnosis,
    split_part(code, '|', 2) as treatment_function_code,
    if(episode = 1, split_part(code, '|', 3), '') as primary_procedure,
    split_part(code, '|', 4) as hrg_code,
    first_value(split_part(code, '|', 4)) over (
        partition by person_month order by episode
    ) as spell_hrg_code,
    days,
    -- Half of the senders withhold the identity in records that the law restricts; the others rely
    -- on the safe haven to do it.
    (kind = 'infertility' and uniform('withheld', person_month) < 0.5) as is_withheld_by_law,
    -- Canaries stay visible, or they could not be looked for.
    (
        is_withheld_by_law
        or (episodes = 1 and kind <> 'birth' and uniform('withheld asked', person_month) < 0.001)
    ) and not is_canary as is_withheld,
    date_diff(
        'month', getvariable('first_day'), least(episode_end, getvariable('last_day'))
    ) as report_index
from coded
where episode_start <= getvariable('last_day');
