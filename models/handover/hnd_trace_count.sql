with

traced as (
    select
        feed,
        submission_id,
        number_status,
        match_step,
        identity_type
    from {{ ref('idn_trace') }}
),

final as (
    select
        feed,
        submission_id,
        number_status,
        match_step,
        identity_type <> 'one_time' as is_person_established,
        count(*) as record_count
    from traced
    group by all
)

select * from final
