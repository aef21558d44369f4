with

spell as (
    select
        spell_key,
        person_key,
        coalesce(patient_classification in ('3', '4'), false) as is_regular_attender,
        admission_method,
        source_of_admission,
        discharge_destination,
        admission_date,
        discharge_date
    from {{ ref('fct_apc_spell') }}
),

-- Regular attenders come and go by plan: each attendance is a spell of its own.
followed as (
    select
        *,
        lag(discharge_date) over stays as previous_discharge_date,
        lag(discharge_destination) over stays as previous_discharge_destination
    from spell
    window stays as (
        partition by person_key, is_regular_attender
        order by admission_date, discharge_date nulls last, spell_key
    )
),

begun as (
    select
        *,
        is_regular_attender
        or not {{ is_continued_stay(
            'previous_discharge_date',
            'previous_discharge_destination',
            'admission_date',
            'source_of_admission',
            'admission_method'
        ) }} as is_first
    from followed
),

numbered as (
    select
        *,
        sum(is_first::integer) over stays as stay_number
    from begun
    window stays as (
        partition by person_key, is_regular_attender
        order by admission_date, discharge_date nulls last, spell_key
        rows between unbounded preceding and current row
    )
),

final as (
    select
        spell_key,
        first_value(spell_key) over stay as continuous_inpatient_spell_key,
        row_number() over stay as spell_number
    from numbered
    window stay as (
        partition by person_key, is_regular_attender, stay_number
        order by admission_date, discharge_date nulls last, spell_key
    )
)

select * from final
