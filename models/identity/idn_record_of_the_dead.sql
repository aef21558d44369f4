-- A model of its own, and no filter in it: the wall lets no condition ask for more of an identifier
-- than equality, so that the comparison is a column, by which idn_quality_finding filters.
with

person as (
    select
        nhs_number,
        date_of_death
    from {{ ref('idn_person') }}
    where date_of_death is not null
),

traced as (
    select
        feed,
        submission_id,
        source_row,
        identity_type,
        identity_value
    from {{ ref('idn_trace') }}
),

recorded as (
    select
        feed,
        submission_id,
        source_row,
        event_date
    from {{ ref('idn_named_record') }}
    where event_date is not null
),

final as (
    select
        traced.feed,
        traced.submission_id,
        traced.source_row,
        recorded.event_date > person.date_of_death as is_after_death
    from traced
    inner join person
        on
            traced.identity_type = 'nhs_number'
            and traced.identity_value = person.nhs_number
    inner join recorded
        on
            traced.feed = recorded.feed
            and traced.submission_id = recorded.submission_id
            and traced.source_row = recorded.source_row
)

select * from final
