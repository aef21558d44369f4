-- Rows of a hand-over table that become no row of their own in the core, by the rule that leaves
-- them out, counted from the hand-over tables and not from what the core made of them, where that
-- can be.
with

person as (
    select
        person_key,
        surviving_person_key
    from {{ ref('dim_person') }}
),

registration as (
    select
        coalesce(person.surviving_person_key, crossed.person_key) as person_key,
        crossed.practice_code,
        crossed.registered_from,
        crossed.registered_to
    from {{ ref('hnd_registration') }} as crossed
    left join person using (person_key)
),

objection as (
    select
        coalesce(person.surviving_person_key, crossed.person_key) as person_key,
        case
            when crossed.kind <> 'national_data_opt_out' then 'type_1'
            when not {{ in_force('crossed.valid_from', 'crossed.valid_to', release_date()) }}
                then 'not_in_force'
            else 'in_force'
        end as kind
    from {{ ref('hnd_objection') }} as crossed
    left join person using (person_key)
),

counted as (
    -- a list of practices has totals of each sex, of each age and of all
    select
        'gp_list_size' as feed,
        'totals' as reason,
        count(*) as row_count
    from {{ ref('hnd_gp_list_size') }}
    where sex = 'ALL' or age_group = 'ALL'
    union all
    select
        'published_emergency_activity' as feed,
        'totals' as reason,
        count(*) as row_count
    from {{ ref('hnd_published_emergency_activity') }}
    where is_total
    union all
    -- two keys that turned out to be one person
    select
        'gp_registration' as feed,
        'said_before' as reason,
        (select count(*) from registration) - count(*) as row_count
    from (select distinct * from registration) as said
    union all
    select
        'objection' as feed,
        'said_before' as reason,
        count(*) - count(distinct person_key) as row_count
    from objection
    where kind = 'in_force'
    union all
    -- applied where the records come in, and not where they go out
    select
        'objection' as feed,
        kind as reason,
        count(*) as row_count
    from objection
    where kind <> 'in_force'
    group by kind
    union all
    select
        'referral_to_treatment_pathway' as feed,
        'further_record' as reason,
        coalesce(sum(record_count) - count(*), 0)::bigint as row_count
    from {{ ref('fct_rtt_pathway') }}
    union all
    select
        'apc_episode' as feed,
        'further_episode' as reason,
        coalesce(sum(episode_count) - count(*), 0)::bigint as row_count
    from {{ ref('fct_apc_spell') }}
),

final as (
    select
        feed,
        reason,
        row_count
    from counted
)

select * from final
