with

recorded as (
    select
        feed,
        submission_id,
        source_row,
        record_identifier,
        date_of_birth,
        recorded_age,
        sex,
        postcode,
        lsoa_code,
        event_date
    from {{ ref('idn_named_record') }}
    where event_date is not null
),

submission as (
    select
        submission_id,
        sender_organisation_code
    from {{ ref('stg_submission') }}
),

identity as (
    select
        feed,
        submission_id,
        source_row,
        identity_type,
        identity_value
    from {{ ref('idn_trace') }}
),

person_key as (
    select
        identity_type,
        identity_value,
        person_key
    from {{ ref('idn_person_key') }}
),

person as (
    select
        person_key,
        date_of_birth,
        sex,
        lsoa_code
    from {{ ref('idn_person') }}
),

postcode_directory as (
    select
        postcode,
        lsoa_code,
        country_code
    from {{ ref('idn_postcode') }}
),

pseudo_postcode as (
    select
        place_postcode,
        residence_class
    from {{ ref('pseudo_postcode') }}
),

prison as (
    select
        place_postcode,
        justice_hub_code
    from {{ ref('prison') }}
),

traced as (
    select
        recorded.feed,
        recorded.submission_id,
        recorded.source_row,
        submission.sender_organisation_code,
        recorded.record_identifier,
        identity.identity_type,
        person_key.person_key,
        coalesce(person.sex, recorded.sex) as sex,
        coalesce(postcode_directory.lsoa_code, recorded.lsoa_code, person.lsoa_code) as lsoa_code,
        coalesce(
            pseudo_postcode.residence_class,
            {{ residence_class(
                'postcode_directory.country_code',
                'coalesce(postcode_directory.lsoa_code, recorded.lsoa_code)'
            ) }}
        ) as residence_class,
        prison.justice_hub_code,
        coalesce(
            {{ age_on_1_april(
                'coalesce(person.date_of_birth, recorded.date_of_birth)', 'recorded.event_date'
            ) }},
            {{ recorded_age_in_years('recorded.recorded_age') }}
        ) as age
    from recorded
    inner join submission using (submission_id)
    inner join identity using (feed, submission_id, source_row)
    inner join person_key using (identity_type, identity_value)
    left join person
        on person_key.person_key = person.person_key
    left join postcode_directory
        on recorded.postcode = postcode_directory.postcode
    left join pseudo_postcode
        on recorded.postcode = pseudo_postcode.place_postcode
    left join prison
        on recorded.postcode = prison.place_postcode
),

final as (
    select
        feed,
        submission_id,
        source_row,
        {{ record_key() }} as record_key,
        person_key,
        identity_type <> 'one_time' as is_person_established,
        {{ age_band('age') }} as age_band,
        sex,
        lsoa_code,
        residence_class,
        justice_hub_code
    from traced
)

select * from final
