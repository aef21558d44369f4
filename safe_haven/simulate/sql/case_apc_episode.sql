-- Plant cases in admitted care: single finished episodes, and the second episode of a spell where a
-- case is about a change in mid-spell. The boards are those that every world has: none of them
-- has delegation in 2024/25. Reads: commissioner_case, trust. Reads and changes: file_row.
create or replace temp table planted as
with due as (
    select
        *,
        row_number() over (partition by changed order by case_id) as ordinal
    from commissioner_case
    where
        feed = getvariable('case_feed')
        and month_index = getvariable('case_month_index')
),

eligible as (
    select
        cds_unique_identifier,
        row_number() over (order by cds_unique_identifier) as ordinal
    from file_row
    where
        is_plain
        and discharge_date <> ''
        and withheld_identity_reason = ''
        and administrative_category = '01'
        and not starts_with(primary_diagnosis, 'N97')
        and not starts_with(postcode, 'ZZ99')
        and not starts_with(gp_practice_code, 'V81')
        and provider_code in (
            select provider_code from trust
            where icb_index < 3
        )
),

-- Whole spells of two episodes in this file, each sent once, none of a canary.
two_episodes as (
    select
        provider_code,
        hospital_spell_number,
        min(cds_unique_identifier) filter (where episode_number = '1') as first_identifier,
        max(cds_unique_identifier) filter (where episode_number = '2') as second_identifier
    from file_row
    where
        hospital_spell_number <> ''
        and not starts_with(hospital_spell_number, 'SP')
    group by all
    having
        count(*) = 2
        and count(distinct episode_number) = 2
        and max(discharge_date) <> ''
        and max(administrative_category) = '01'
        and min(substr(gp_practice_code, 1, 3)) <> 'V81'
        and max(episode_number) = '2'
        and bool_and(provider_code in (
            select trust.provider_code from trust
            where trust.icb_index < 3
        ))
),

numbered as (
    select
        *,
        row_number() over (order by first_identifier) as ordinal
    from two_episodes
)

select
    due.*,
    eligible.cds_unique_identifier,
    eligible.cds_unique_identifier as changed_identifier
from due
inner join eligible on due.ordinal = eligible.ordinal
where due.changed = 'record'
union all
select
    due.*,
    numbered.first_identifier as cds_unique_identifier,
    numbered.second_identifier as changed_identifier
from due
inner join numbered on due.ordinal = numbered.ordinal
where due.changed = 'later_episode';

update file_row
set
    gp_practice_code = coalesce(planted.practice_code, file_row.gp_practice_code),
    postcode = coalesce(planted.postcode, file_row.postcode),
    administrative_category
    = coalesce(planted.administrative_category, file_row.administrative_category),
    overseas_charging_category
    = coalesce(planted.overseas_charging_category, file_row.overseas_charging_category),
    overseas_visitor_status
    = coalesce(planted.overseas_visitor_status, file_row.overseas_visitor_status),
    service_code = coalesce(planted.service_code, file_row.service_code),
    treatment_function_code
    = coalesce(planted.treatment_function_code, file_row.treatment_function_code),
    source_of_admission = coalesce(planted.source_of_admission, file_row.source_of_admission),
    primary_diagnosis = coalesce(planted.primary_diagnosis, file_row.primary_diagnosis)
from planted
where file_row.cds_unique_identifier = planted.changed_identifier;
