with

critical_care as (
    select
        spell_key,
        sum(critical_care_days)::bigint as critical_care_days
    from {{ ref('fct_critical_care') }}
    where spell_key is not null
    group by spell_key
),

dated as (
    select
        spell_key,
        min(admission_date) as admission_date,
        max(discharge_ready_date) as discharge_ready_date,
        max(discharge_date) as discharge_date,
        coalesce(sum(rehabilitation_days), 0)::bigint as rehabilitation_days,
        coalesce(sum(specialist_palliative_care_days), 0)::bigint
            as specialist_palliative_care_days
    from {{ ref('fct_apc_episode') }}
    group by spell_key
),

counted as (
    select
        dated.*,
        date_diff('day', dated.admission_date, dated.discharge_date) as length_of_stay_days,
        coalesce(critical_care.critical_care_days, 0) as critical_care_days
    from dated
    left join critical_care using (spell_key)
),

final as (
    select
        spell_key,

        admission_date,
        discharge_ready_date,
        discharge_date,

        length_of_stay_days,
        critical_care_days,
        rehabilitation_days,
        specialist_palliative_care_days,
        {{ adjusted_length_of_stay(
            'length_of_stay_days',
            ['critical_care_days', 'rehabilitation_days', 'specialist_palliative_care_days']
        ) }} as adjusted_length_of_stay_days,
        {{ delayed_days('discharge_ready_date', 'discharge_date') }} as delayed_days
    from counted
)

select * from final
