with

coded as (
    select
        record_key,
        {{ codes_in_order('primary_procedure', 'secondary_procedures') }} as codes,
        primary_procedure_date
    from {{ ref('fct_apc_episode') }}
    union all
    select
        record_key,
        {{ codes_in_order('primary_procedure', 'secondary_procedures') }} as codes,
        appointment_date as primary_procedure_date
    from {{ ref('fct_outpatient_appointment') }}
),

numbered as (
    select
        record_key,
        codes,
        primary_procedure_date,
        unnest(range(1, len(codes) + 1)) as sequence
    from coded
),

final as (
    select
        record_key,
        sequence,
        {{ procedure_code('codes[sequence]') }} as procedure_code,
        case
            when sequence = 1 then primary_procedure_date
            else {{ procedure_date('codes[sequence]') }}
        end as procedure_date
    from numbered
    where codes[sequence] is not null
)

select * from final
