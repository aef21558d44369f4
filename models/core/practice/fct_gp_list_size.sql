with

counted as (
    select
        extract_date,
        practice_code,
        sex,
        age_group,
        patients
    from {{ ref('hnd_gp_list_size') }}
),

-- totals would count every patient three times
final as (
    select
        extract_date,
        practice_code,
        case sex when 'MALE' then '1' when 'FEMALE' then '2' end as sex,
        replace(age_group, '_', '-') as age_group,
        patients
    from counted
    where sex <> 'ALL' and age_group <> 'ALL'
)

select * from final
