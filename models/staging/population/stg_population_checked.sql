-- Data contract and business rules: every row is typed and carries the list of its own errors.
with submission as (
    select
        submission_id,
        sender_organisation_code,
        extract_at
    from {{ ref('stg_submission') }}
    where not is_test
),

code_lists as (
    select {{ code_lists('population') }}
    from {{ ref('code_list') }}
),

landed as (
    select
        nullif(trim(area_code), '') as area_code,
        nullif(trim(area_name), '') as area_name,
        nullif(trim(sex), '') as sex,
        nullif(trim(age), '') as age,
        nullif(trim(people), '') as people,
        submission_id,
        source_row
    from {{ source('landing_population', 'population') }}
),

final as (
    select
        landed.area_code,
        landed.area_name,
        landed.sex,
        {{ whole_number('landed.age') }} as age,
        {{ whole_number('landed.people') }} as people,
        landed.submission_id,
        landed.source_row,
        submission.sender_organisation_code,
        submission.extract_at,
        {{ contract_errors('population') }} as errors
    from landed
    inner join submission on landed.submission_id = submission.submission_id
    cross join code_lists
)

select * from final
