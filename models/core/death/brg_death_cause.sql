with

death as (
    select
        record_key,
        underlying_cause_code,
        contributory_cause_codes
    from {{ ref('hnd_civil_registration_death') }}
),

underlying as (
    select
        record_key,
        0::bigint as cause_position,
        underlying_cause_code as cause_code
    from death
    where underlying_cause_code is not null
),

listed as (
    select
        record_key,
        string_split(contributory_cause_codes, ';') as cause_codes
    from death
    where contributory_cause_codes is not null
),

contributory as (
    select
        record_key,
        unnest(range(1, len(cause_codes) + 1)) as cause_position,
        unnest(cause_codes) as cause_code
    from listed
),

cause as (
    select * from underlying
    union all
    select * from contributory
),

final as (
    select
        record_key,
        cause_position,
        cause_code,
        cause_position = 0 as is_underlying
    from cause
)

select * from final
