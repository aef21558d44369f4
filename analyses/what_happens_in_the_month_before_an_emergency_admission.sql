-- What care did people have in the 30 days before an emergency admission, by setting?
with admission as (
    select
        spell_key,
        person_key,
        admission_date
    from {{ ref('fct_apc_spell') }}
    where
        is_person_established
        and admission_method in {{ emergency_admission_methods() }}
),

event as (
    select
        person_key,
        setting,
        event_type,
        event_start_date
    from {{ ref('fct_event') }}
    where is_person_established
),

total as (
    select count(*) as admissions
    from admission
),

final as (
    select
        event.setting,
        event.event_type,
        count(distinct admission.spell_key) as admissions_with_it,
        round(100.0 * count(distinct admission.spell_key) / any_value(total.admissions), 1)
            as percent_of_admissions
    from admission
    inner join event
        on
            admission.person_key = event.person_key
            and event.event_start_date between admission.admission_date - 30
            and admission.admission_date - 1
    cross join total
    group by
        event.setting,
        event.event_type
)

select * from final
order by
    setting,
    event_type
