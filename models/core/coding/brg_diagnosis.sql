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
        unnest(range(1, len(codes) + 1)) as sequence_number
    from episode
),

final as (
    select
        record_key,
        sequence_number,
        {{ diagnosis_code('codes[sequence_number]') }} as diagnosis_code
    from numbered
    where codes[sequence_number] is not null
)

select * from final
