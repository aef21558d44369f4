with

record as (
    select
        submission_id,
        extract_date,
        practice_code,
        sex,
        age_group,
        patients
    from {{ ref('stg_gp_list_size') }}
),

final as (
    select
        submission_id,
        extract_date,
        practice_code,
        sex,
        age_group,
        patients
    from record
)

select * from final
