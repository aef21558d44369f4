with

episode as (
    select
        record_key,
        spell_key,
        {{ is_obstetric('main_specialty_code', 'treatment_function_code') }} as is_obstetric
    from {{ ref('fct_apc_episode') }}
),

cancer_record as (
    select distinct record_key
    from {{ ref('brg_diagnosis') }}
    where {{ is_cancer_or_chemotherapy('diagnosis_code') }}
),

described_spell as (
    select
        episode.spell_key,
        bool_or(episode.is_obstetric) as is_obstetric,
        bool_or(cancer_record.record_key is not null) as is_cancer
    from episode
    left join cancer_record using (record_key)
    group by episode.spell_key
),

spell as (
    select
        stay.continuous_inpatient_spell_key,
        stay.spell_number,
        spell.spell_key,
        spell.person_key,
        spell.is_person_established,
        spell.provider_code,
        spell.patient_classification,
        spell.admission_method,
        spell.discharge_method,
        spell.admission_date,
        spell.discharge_date,
        described_spell.is_obstetric,
        described_spell.is_cancer
    from {{ ref('brg_continuous_inpatient_spell') }} as stay
    inner join {{ ref('fct_apc_spell') }} as spell
        on stay.spell_key = spell.spell_key
    inner join described_spell
        on stay.spell_key = described_spell.spell_key
),

joined as (
    select
        continuous_inpatient_spell_key,
        arg_min(person_key, spell_number) as person_key,
        arg_min(is_person_established, spell_number) as is_person_established,
        arg_min_null(provider_code, spell_number) as first_provider_code,
        arg_max_null(provider_code, spell_number) as last_provider_code,
        arg_min_null(patient_classification, spell_number) as patient_classification,
        arg_min_null(admission_method, spell_number) as admission_method,
        arg_max_null(discharge_method, spell_number) as discharge_method,
        min(admission_date) as admission_date,
        case when count(*) = count(discharge_date) then max(discharge_date) end as discharge_date,
        count(*) as spell_count,
        bool_or(is_obstetric) as is_obstetric,
        bool_or(is_cancer) as is_cancer
    from spell
    group by continuous_inpatient_spell_key
),

final as (
    select
        continuous_inpatient_spell_key,
        person_key,

        is_person_established,
        first_provider_code,
        last_provider_code,
        patient_classification,
        admission_method,
        discharge_method,
        is_obstetric,
        is_cancer,
        coalesce(admission_method in {{ emergency_admission_methods() }}, false) as is_emergency,
        -- what a readmission may follow
        coalesce(
            discharge_date is not null
            and patient_classification = '1'
            and coalesce(discharge_method not in ('4', '5'), true)
            and not is_obstetric
            and not is_cancer,
            false
        ) as is_readmission_index,

        admission_date,
        discharge_date,

        spell_count,
        date_diff('day', admission_date, discharge_date) as length_of_stay_days
    from joined
)

select * from final
