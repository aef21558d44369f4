with

spell as (
    select
        spell_key,
        person_key,
        admission_date
    from {{ ref('fct_apc_spell') }}
),

listed as (
    select
        risk_score,
        condition,
        weight,
        code_prefix,
        counted_unless
    from {{ ref('risk_score_code') }}
),

spell_code as (
    select distinct
        episode.spell_key,
        diagnosis.diagnosis_code
    from {{ ref('brg_diagnosis') }} as diagnosis
    inner join {{ ref('fct_apc_episode') }} as episode using (record_key)
),

listed_code as (
    select
        code.diagnosis_code,
        listed.risk_score,
        listed.condition,
        listed.weight,
        listed.counted_unless
    from (select distinct diagnosis_code from spell_code) as code
    inner join listed
        on starts_with(code.diagnosis_code, listed.code_prefix)
),

spell_condition as (
    select distinct
        spell_code.spell_key,
        listed_code.risk_score,
        listed_code.condition,
        listed_code.weight,
        listed_code.counted_unless
    from spell_code
    inner join listed_code using (diagnosis_code)
),

-- What is known on admission and by the end of the stay: this spell and those of two years before.
known_condition as (
    select distinct
        spell.spell_key,
        spell_condition.risk_score,
        spell_condition.condition,
        spell_condition.weight,
        spell_condition.counted_unless
    from spell
    inner join spell as known
        on spell.person_key = known.person_key
    inner join spell_condition
        on known.spell_key = spell_condition.spell_key
    where
        known.spell_key = spell.spell_key
        or {{ is_looked_back_on('known.admission_date', 'spell.admission_date') }}
),

-- Of two related conditions the graver one counts alone.
counted as (
    select known_condition.*
    from known_condition
    left join known_condition as graver
        on
            known_condition.spell_key = graver.spell_key
            and known_condition.risk_score = graver.risk_score
            and known_condition.counted_unless = graver.condition
    where graver.spell_key is null
),

scored as (
    select
        spell_key,
        sum(weight) filter (where risk_score = 'charlson_shmi') as charlson_score,
        sum(weight) filter (where risk_score = 'hospital_frailty') as frailty_score
    from counted
    group by spell_key
),

final as (
    select
        spell.spell_key,
        spell.person_key,

        {{ frailty_risk('coalesce(scored.frailty_score, 0)') }} as frailty_risk,

        spell.admission_date,

        greatest(coalesce(scored.charlson_score, 0), 0)::integer as charlson_score,
        coalesce(scored.frailty_score, 0)::decimal(6, 1) as hospital_frailty_score
    from spell
    left join scored using (spell_key)
)

select * from final
