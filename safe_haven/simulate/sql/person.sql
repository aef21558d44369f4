-- People of this world, a slice of them.
-- Reads: areas.sql, age_band.sql, superseded.sql, nhs_number.sql; variables first_person, last_person,
-- first_day, last_day, months, canaries.
with person_id as (
    select unnest(range(getvariable('first_person'), getvariable('last_person') + 1)) as person_id
),

placed as (
    select
        person_id,
        person_id <= getvariable('canaries') as is_canary,
        below('age', person_id, 1000) as age_at,
        (select max(total_weight) from area) as total_weight,
        (select count(*) from area) as areas,
        (select count(*) from world_icb) as icbs,
        uniform('need', person_id) as need_draw,
        uniform('moves practice', person_id) < 0.015 as moves,
        uniform('registered', person_id) as registration_draw
    from person_id
),

lived as (
    select
        placed.*,
        case
            when is_canary
                then (
                    make_date(1931 + 4 * person_id::integer, person_id::integer, 23)
                    - getvariable('last_day')
                )
            else -(
                    age_band.youngest * 365
                    + age_band.youngest // 4
                    + below('birthday', person_id, 1826)
                )
        end::integer as born_offset,
        case
            -- Canaries are spread over the boards in turn.
            when is_canary then icb_start.starts_at
            else draw('area', person_id) % total_weight
        end::bigint as area_at
    from placed
    asof inner join age_band on placed.age_at >= age_band.starts_at
    left join (
        select
            icb_index,
            min(starts_at) as starts_at
        from area
        group by icb_index
    ) as icb_start on (placed.person_id - 1) % placed.icbs = icb_start.icb_index
),

resident as (
    select
        lived.*,
        getvariable('last_day') + born_offset as date_of_birth,
        area.area_index,
        area.icb_index,
        area.sub_icb_code as residence_code,
        case
            when not is_canary and uniform('practice elsewhere', person_id) < 0.03
                then area.area_index - area.rank_in_icb
                    + below('practice area', person_id, area.areas_in_icb)
            else area.area_index
        end as practice_area_1,
        case
            when uniform('moves area', person_id) < 0.5
                then area.area_index - area.rank_in_icb
                    + below('new practice area', person_id, area.areas_in_icb)
            else area.area_index
        end as practice_area_2,
        -- Two draws multiplied: the first practices of an area are the larger ones.
        floor(5 * uniform('practice', person_id) * uniform('practice size', person_id))::integer
            as practice_index_1,
        case
            when is_canary then 1 + below('sex', person_id, 2)
            when uniform('sex', person_id) < 0.0002 then 9
            when uniform('sex', person_id) < 0.49 then 1
            else 2
        end::varchar as sex
    from lived
    asof inner join area on lived.area_at >= area.starts_at
),

mortal as (
    select
        *,
        (getvariable('last_day') - date_of_birth) // 365 as age_at_end,
        case
            when is_canary then 0
            when age_at_end < 50 then 0.0005
            when age_at_end < 65 then 0.005
            when age_at_end < 75 then 0.015
            when age_at_end < 85 then 0.05
            else 0.15
        end * getvariable('months') / 12.0 as chance_of_death,
        getvariable('first_day') + below(
            'death', person_id, getvariable('last_day') - getvariable('first_day') + 1
        ) as day_of_death
    from resident
),

numbered as (
    select
        mortal.*,
        superseded.old_ordinal
    from mortal
    left join superseded on mortal.person_id = superseded.person_id
)

select
    numbered.person_id,
    numbered.is_canary,
    current_number.nhs_number,
    old_number.nhs_number as old_nhs_number,
    case
        when is_canary then concat('CANARYBIRD', lpad(numbered.person_id::varchar, 2, '0'))
        else pick([
                'SMITH', 'JONES', 'TAYLOR', 'BROWN', 'WILLIAMS', 'WILSON', 'JOHNSON', 'DAVIES',
                'PATEL', 'ROBINSON', 'WRIGHT', 'THOMPSON', 'EVANS', 'WALKER', 'WHITE', 'ROBERTS',
                'GREEN', 'HALL', 'THOMAS', 'CLARKE', 'JACKSON', 'WOOD', 'HARRIS', 'EDWARDS',
                'TURNER',
                'KHAN', 'MARTIN', 'COOPER', 'HILL', 'WARD', 'HUGHES', 'MOORE', 'CLARK', 'KING',
                'HARRISON', 'LEWIS', 'BAKER', 'LEE', 'ALLEN', 'MORRIS', 'SINGH', 'AHMED', 'BEGUM',
                'OKAFOR', 'KOWALSKI', 'O''BRIEN'
            ], 'family name', numbered.person_id)
    end as family_name,
    case
        when is_canary then concat('TWEETY', lpad(numbered.person_id::varchar, 2, '0'))
        when sex = '1'
            then pick([
                    'OLIVER', 'GEORGE', 'JACK', 'MUHAMMAD', 'DAVID', 'JOHN', 'PETER', 'PAUL',
                    'ANDREW',
                    'JAMES', 'DANIEL', 'ROBERT', 'THOMAS', 'HARRY', 'ARJUN', 'KWAME', 'PIOTR',
                    'IBRAHIM'
                ], 'given name', numbered.person_id)
        else pick([
                'OLIVIA', 'AMELIA', 'AISHA', 'MARGARET', 'SUSAN', 'SARAH', 'CLAIRE', 'EMMA', 'JOAN',
                'PATRICIA', 'LAURA', 'FATIMA', 'PRIYA', 'GRACE', 'CHLOE', 'ANNA', 'NGOZI', 'RUTH'
            ], 'given name', numbered.person_id)
    end as given_name,
    numbered.date_of_birth,
    numbered.sex,
    -- One character for each hundredth of the population; Z = not stated.
    substr(
        repeat('A', 71) || 'BCCCCCCDEFGGHHHJJJKLLMNNPRSZZ',
        1 + below('ethnic', numbered.person_id, 100),
        1
    ) as ethnic_category,
    case
        when is_canary then concat(numbered.person_id, ' CANARYCAGE LANE')
        else concat(
                1 + below('house', numbered.person_id, 180),
                ' ',
                pick([
                    'CHURCH', 'STATION', 'HIGH', 'MILL', 'PARK', 'VICTORIA', 'ORCHARD', 'SCHOOL',
                    'MANOR', 'SPRING'
                ], 'street', numbered.person_id),
                ' ',
                pick(
                    ['ROAD', 'STREET', 'LANE', 'CLOSE', 'AVENUE'],
                    'street kind',
                    numbered.person_id
                )
            )
    end as address_line,
    case
        when is_canary then concat('ZX', numbered.person_id, ' 9ZZ')
        -- No fixed abode.
        when uniform('no abode', numbered.person_id) < 0.003 then 'ZZ99 3VZ'
        else postcode.postcode
    end as postcode,
    postcode.lsoa_code,
    case
        when day_of_death >= numbered.date_of_birth
            and uniform('dies', numbered.person_id) < chance_of_death
            then day_of_death
    end as date_of_death,
    -- Not quite half die in hospital, within days of an emergency admission.
    case
        when not is_canary and uniform('dies in hospital', numbered.person_id) < 0.45
            and day_of_death - below('last stay', numbered.person_id, 12)
            > numbered.date_of_birth
            then date_of_death - below('last stay', numbered.person_id, 12)
    end as last_admission,
    case
        when not is_canary and uniform('sensitive', numbered.person_id) < 0.002 then 'S'
        else ''
    end as sensitivity_flag,
    is_canary or registration_draw >= 0.01 as is_registered,
    case
        when is_canary or registration_draw >= 0.01 then practice_1.practice_code
        else 'V81999'
    end as practice_1,
    case
        when is_canary or registration_draw >= 0.01 then practice_2.practice_code
        else 'V81999'
    end as practice_2,
    practice_1.sub_icb_code as practice_commissioner_1,
    practice_2.sub_icb_code as practice_commissioner_2,
    numbered.residence_code,
    case
        when moves
            then getvariable('first_day') + below(
                    'move',
                    numbered.person_id,
                    getvariable('last_day') - getvariable('first_day') + 1
                )
        else date '9999-12-31'
    end as moved_on,
    -- Most need little and a few need much: mean about 1.
    case
        when need_draw < 0.60 then 0.5
        when need_draw < 0.85 then 1.0
        when need_draw < 0.97 then 2.5
        else 4.0
    end as need,
    -- A practice refers to one trust of its board.
    area_provider.first_trust_index
    + (area_provider.trust_rank + numbered.practice_index_1) % area_provider.trusts_in_icb
        as trust_index,
    area_provider.first_trust_index,
    area_provider.trusts_in_icb,
    area_provider.independent_code
from numbered
inner join nhs_number as current_number on numbered.person_id = current_number.ordinal
left join nhs_number as old_number on numbered.old_ordinal = old_number.ordinal
inner join (
    select
        area_index,
        count(*) as postcodes
    from postcode
    group by area_index
) as postcode_count on numbered.area_index = postcode_count.area_index
inner join postcode
    on
        numbered.area_index = postcode.area_index
        and below('postcode', numbered.person_id, postcode_count.postcodes)
        = postcode.index_in_area
inner join practice as practice_1
    on
        numbered.practice_area_1 = practice_1.area_index
        and numbered.practice_index_1 = practice_1.index_in_area
inner join practice as practice_2
    on
        numbered.practice_area_2 = practice_2.area_index
        and (numbered.practice_index_1 + 1 + below('new practice', numbered.person_id, 4)) % 5
        = practice_2.index_in_area
inner join area_provider on numbered.area_index = area_provider.area_index
order by numbered.person_id
