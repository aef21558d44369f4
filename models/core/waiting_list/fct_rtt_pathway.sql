with

record as (
    select
        record_key,
        person_key,
        pathway_key,
        is_person_established,
        age_band,
        sex,
        lsoa_code,
        ethnic_category,
        gp_practice_code,
        provider_code,
        commissioner_code,
        record_kind,
        treatment_function_code,
        period_status,
        withheld_identity_reason,
        referral_request_received_date,
        clock_start_date,
        decision_to_admit_date,
        clock_stop_date
    from {{ ref('hnd_referral_to_treatment_pathway') }}
),

person as (
    select
        person_key,
        surviving_person_key
    from {{ ref('dim_person') }}
),

of_person as (
    select
        record.* replace (
            coalesce(person.surviving_person_key, record.person_key) as person_key
        )
    from record
    left join person using (person_key)
),

-- the one person whom the records of a pathway name; nobody where they name two
known_person as (
    select
        pathway_key,
        clock_start_date,
        min(person_key) as known_person_key
    from of_person
    where is_person_established
    group by
        pathway_key,
        clock_start_date
    having count(distinct person_key) = 1
),

attributed as (
    select
        of_person.* replace (
            case
                when of_person.is_person_established then of_person.person_key
                else coalesce(known_person.known_person_key, of_person.person_key)
            end as person_key
        )
    from of_person
    left join known_person using (pathway_key, clock_start_date)
),

-- the record of the stop describes a pathway that has one
described as (
    select
        *,
        bool_or(is_person_established) over same_period as is_of_known_person,
        max(decision_to_admit_date) over same_period as decided_to_admit_on,
        min(clock_stop_date) over same_period as stopped_on,
        count(*) over same_period as record_count,
        row_number() over (
            same_period
            order by
                is_person_established desc, clock_stop_date asc nulls last,
                record_kind asc, record_key asc
        ) as description_order
    from attributed
    window same_period as (partition by pathway_key, clock_start_date, person_key)
),

timed as (
    select
        *,
        stopped_on - clock_start_date as days_waited
    from described
    where description_order = 1
),

final as (
    select
        record_key,
        person_key,
        pathway_key,

        is_of_known_person as is_person_established,
        age_band,
        sex,
        lsoa_code,
        ethnic_category,
        gp_practice_code,
        provider_code,
        commissioner_code,
        treatment_function_code,
        period_status,
        withheld_identity_reason,
        stopped_on is not null as is_completed,
        stopped_on is not null and decided_to_admit_on is not null as is_admitted,

        referral_request_received_date,
        clock_start_date,
        decided_to_admit_on as decision_to_admit_date,
        stopped_on as clock_stop_date,
        days_waited,
        record_count,
        case when days_waited is not null then {{ week_band('days_waited') }} end as week_band
    from timed
)

select * from final
