with

recorded as (
    select
        feed,
        submission_id,
        source_row,
        record_identifier,
        withheld_identity_reason,
        nhs_number,
        source_person_id,
        date_of_birth,
        sex,
        postcode,
        event_date
    from {{ ref('idn_named_record') }}
),

submission as (
    select
        submission_id,
        sender_organisation_code
    from {{ ref('stg_submission') }}
),

held as (
    select
        nhs_number,
        standing_nhs_number,
        date_of_birth,
        sex,
        is_superseded,
        is_sensitive
    from {{ ref('stg_standing_number') }}
),

restricted_number as (
    select nhs_number
    from {{ ref('stg_restricted_number') }}
),

demographic as (
    select
        date_of_birth,
        sex,
        postcode,
        nhs_number
    from {{ ref('stg_demographic') }}
),

compared as (
    select
        recorded.feed,
        recorded.submission_id,
        recorded.source_row,
        recorded.record_identifier,
        recorded.source_person_id,
        recorded.nhs_number,
        submission.sender_organisation_code,
        held.standing_nhs_number,
        held.is_superseded,
        demographic.nhs_number as demographic_nhs_number,
        coalesce(held.is_sensitive, false)
        or restricted_number.nhs_number is not null as names_sensitive_person,
        case
            when {{ is_of_register('recorded.feed') }} then 'of_a_register'
            when recorded.withheld_identity_reason is not null then 'withheld'
            when recorded.nhs_number is null then 'absent'
            when held.nhs_number is null then 'not_held'
            when held.standing_nhs_number is null then 'merge_leads_nowhere'
            when {{ is_default_birth_date('recorded.date_of_birth') }} then 'no_date_of_birth'
            when recorded.date_of_birth = held.date_of_birth then 'agrees'
            when {{ is_mother_of_infant(
                'held.sex', 'held.date_of_birth', 'recorded.date_of_birth', 'recorded.event_date'
            ) }} then 'of_the_mother'
            else 'other_date_of_birth'
        end as number_status
    from recorded
    inner join submission using (submission_id)
    left join held using (nhs_number)
    left join restricted_number using (nhs_number)
    left join demographic
        on
            recorded.date_of_birth = demographic.date_of_birth
            and recorded.sex = demographic.sex
            and recorded.postcode = demographic.postcode
),

matched as (
    select
        *,
        case
            when number_status = 'of_a_register' then 'register'
            when number_status = 'withheld' then 'none'
            when number_status = 'agrees' and not is_superseded then 'cross_check'
            when number_status = 'agrees' then 'superseded_number'
            when
                number_status = 'absent' and source_person_id is not null then 'source_person_id'
            -- a number of someone else speaks against the match, but for that of the mother
            when
                number_status in ('absent', 'of_the_mother')
                and demographic_nhs_number is not null then 'demographic'
            else 'none'
        end as match_step
    from compared
),

final as (
    select
        feed,
        submission_id,
        source_row,
        number_status,
        match_step,
        names_sensitive_person,
        case match_step
            when 'source_person_id' then 'source_person_id'
            when 'none' then 'one_time'
            else 'nhs_number'
        end as identity_type,
        case
            -- a row of the Personal Demographics Service is about its own number
            when feed = 'person' then nhs_number
            when match_step = 'register' then coalesce(standing_nhs_number, nhs_number)
            when match_step = 'cross_check' then standing_nhs_number
            when match_step = 'superseded_number' then standing_nhs_number
            when match_step = 'demographic' then demographic_nhs_number
            when match_step = 'source_person_id' then {{ person_at_source() }}
            -- of the record, not of the file: a record that is sent again stays the same person
            else {{ record_key() }}::varchar
        end as identity_value
    from matched
)

select * from final
