with

stay as (
    select
        continuous_inpatient_spell_key,
        person_key,
        last_provider_code,
        first_provider_code,
        is_readmission_index,
        is_emergency and not is_obstetric and not is_cancer as is_countable,
        admission_date,
        discharge_date
    from {{ ref('fct_continuous_inpatient_spell') }}
),

-- The last discharge before each admission that a readmission may follow.
followed as (
    select
        *,
        last_value(
            case when is_readmission_index then continuous_inpatient_spell_key end ignore nulls
        ) over earlier as index_key,
        last_value(case when is_readmission_index then discharge_date end ignore nulls)
            over earlier as index_discharge_date,
        last_value(case when is_readmission_index then last_provider_code end ignore nulls)
            over earlier as index_provider_code
    from stay
    window earlier as (
        partition by person_key
        order by admission_date, discharge_date nulls last, continuous_inpatient_spell_key
        rows between unbounded preceding and 1 preceding
    )
),

paired as (
    select
        *,
        row_number() over (
            partition by index_key
            order by admission_date, discharge_date nulls last, continuous_inpatient_spell_key
        ) as readmission_number
    from followed
    where is_countable and {{ is_readmission_gap('index_discharge_date', 'admission_date') }}
),

final as (
    select
        index_key as index_continuous_inpatient_spell_key,
        continuous_inpatient_spell_key as readmission_continuous_inpatient_spell_key,
        person_key,

        index_provider_code,
        first_provider_code as readmission_provider_code,

        index_discharge_date,
        admission_date as readmission_date,

        date_diff('day', index_discharge_date, admission_date) as days_since_discharge
    from paired
    where readmission_number = 1
)

select * from final
