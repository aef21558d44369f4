with

owed as (
    select
        activity_key,
        agreement_id,
        responsible_commissioner_code,
        local_authority_code
    from {{ ref('gov_release_eligibility') }}
    where
        is_allowed
        and setting = 'admitted'
),

spell as (
    select
        spell_key,
        person_key,
        provider_code,
        point_of_delivery,
        age_band,
        sex,
        patient_classification,
        admission_method,
        treatment_function_code,
        primary_diagnosis,
        admission_date,
        discharge_date,
        length_of_stay_days
    from {{ ref('fct_apc_spell') }}
),

registered as (
    {{ registered_organisations() }}
),

pseudonym as (
    select
        agreement_id,
        person_key,
        person_pseudonym
    from {{ ref('rel_person_pseudonym') }}
),

final as (
    select
        owed.agreement_id,
        owed.activity_key as record_key,
        pseudonym.person_pseudonym,
        row_number() over (
            partition by owed.agreement_id, pseudonym.person_pseudonym
            order by spell.admission_date, spell.discharge_date nulls last, spell.spell_key
        ) as spell_number,
        owed.responsible_commissioner_code,
        owed.local_authority_code,
        {{ published_organisation('spell.provider_code', 'registered') }} as provider_code,
        spell.point_of_delivery,
        spell.age_band,
        spell.sex,
        spell.patient_classification,
        spell.admission_method,
        spell.treatment_function_code,
        spell.primary_diagnosis,
        {{ calendar_month('spell.admission_date') }} as admission_month,
        {{ calendar_month('spell.discharge_date') }} as discharge_month,
        spell.length_of_stay_days
    from owed
    inner join spell
        on owed.activity_key = spell.spell_key
    inner join pseudonym
        on
            owed.agreement_id = pseudonym.agreement_id
            and spell.person_key = pseudonym.person_key
    left join registered
        on spell.provider_code = registered.organisation_code
)

select * from final
