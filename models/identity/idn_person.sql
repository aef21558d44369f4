with

person as (
    select
        submission_id,
        source_row,
        nhs_number,
        superseded_by_nhs_number,
        date_of_birth,
        sex,
        postcode,
        date_of_death,
        sensitivity_flag
    from {{ ref('stg_person') }}
),

person_key as (
    select
        identity_value,
        person_key
    from {{ ref('idn_person_key') }}
    where identity_type = 'nhs_number'
),

postcode_directory as (
    select
        postcode,
        lsoa_code
    from {{ ref('idn_postcode') }}
),

final as (
    select
        person_key.person_key,
        person.nhs_number,
        person.superseded_by_nhs_number,
        person.date_of_birth,
        person.sex,
        postcode_directory.lsoa_code,
        person.date_of_death,
        {{ is_access_restricted('person.sensitivity_flag') }} as is_sensitive,
        person.submission_id,
        person.source_row
    from person
    inner join person_key
        on person.nhs_number = person_key.identity_value
    left join postcode_directory
        on person.postcode = postcode_directory.postcode
)

select * from final
