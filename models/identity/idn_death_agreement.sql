-- The comparison stands here because both days of death do: what goes on is its answer.
with

record as (
    select
        submission_id,
        source_row,
        person_key
    from {{ ref('idn_record') }}
    where feed = 'civil_registration_death'
),

death as (
    select
        submission_id,
        source_row,
        death_date
    from {{ ref('stg_civil_registration_death') }}
),

person as (
    select
        person_key,
        date_of_death
    from {{ ref('idn_person') }}
),

final as (
    select
        record.submission_id,
        record.source_row,
        -- a difference is a finding about two sources; neither is corrected by the other
        case
            when person.person_key is null then 'person_not_known'
            when person.date_of_death is null then 'not_recorded'
            when date_diff('day', person.date_of_death, death.death_date) = 0 then 'agrees'
            else 'differs'
        end as recorded_death_agreement
    from record
    inner join death using (submission_id, source_row)
    left join person on record.person_key = person.person_key
)

select * from final
