with

episode as (
    select
        record_key,
        {{ codes_in_order('primary_diagnosis', 'secondary_diagnoses') }} as codes
    from {{ ref('fct_apc_episode') }}
),

numbered as (
    select
        record_key,
        codes,
        unnest(range(1, len(codes) + 1)) as sequence
    from episode
),

final as (
    select
        record_key,
        sequence,
        {{ diagnosis_code('codes[sequence]') }} as diagnosis_code
    from numbered
    where codes[sequence] is not null
)

select * from final
