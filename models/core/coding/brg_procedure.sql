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
        unnest(range(1, len(codes) + 1)) as sequence_number
    from coded
),

final as (
    select
        record_key,
        sequence_number,
        {{ procedure_code('codes[sequence_number]') }} as procedure_code,
        case
            when sequence_number = 1 then primary_procedure_date
            else {{ procedure_date('codes[sequence_number]') }}
        end as procedure_date
    from numbered
    where codes[sequence_number] is not null
)

select * from final
