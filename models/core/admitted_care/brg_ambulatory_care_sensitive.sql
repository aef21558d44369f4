with

spell as (
    select
        spell_key,
        first_episode_key as record_key
    from {{ ref('fct_apc_spell') }}
    where admission_method like '2%'
),

rule as (
    select
        condition_group,
        condition,
        rule,
        code_system,
        position,
        code_pattern,
        companion_pattern
    from {{ ref('ambulatory_care_sensitive_code') }}
),

coded as (
    select
        spell.spell_key,
        'ICD-10' as code_system,
        diagnosis.sequence_number,
        diagnosis.diagnosis_code as code
    from spell
    inner join {{ ref('brg_diagnosis') }} as diagnosis using (record_key)
    union all
    select
        spell.spell_key,
        'OPCS-4' as code_system,
        listed_procedure.sequence_number,
        listed_procedure.procedure_code as code
    from spell
    inner join {{ ref('brg_procedure') }} as listed_procedure using (record_key)
),

-- Few codes differ: patterns are matched once a code, not once a spell.
distinct_code as (
    select distinct
        code_system,
        code
    from coded
),

matched_code as (
    select
        distinct_code.code,
        rule.*
    from distinct_code
    inner join rule
        on
            distinct_code.code_system = rule.code_system
            and regexp_full_match(distinct_code.code, rule.code_pattern)
),

later_diagnosis as (
    select
        spell_key,
        ';' || string_agg(code, ';' order by sequence_number) as codes
    from coded
    where code_system = 'ICD-10' and sequence_number > 1
    group by spell_key
),

matched as (
    select
        coded.spell_key,
        matched_code.condition_group,
        matched_code.condition,
        bool_or(matched_code.rule = 'exclude') as is_excluded,
        bool_or(matched_code.rule = 'include') as is_included
    from coded
    inner join matched_code
        on
            coded.code_system = matched_code.code_system
            and coded.code = matched_code.code
    left join later_diagnosis using (spell_key)
    where
        (matched_code.position <> 'main' or coded.sequence_number = 1)
        and (matched_code.position <> 'other' or coded.sequence_number > 1)
        and (
            matched_code.companion_pattern is null
            or regexp_matches(later_diagnosis.codes, ';' || matched_code.companion_pattern)
        )
    group by
        coded.spell_key,
        matched_code.condition_group,
        matched_code.condition
),

final as (
    select
        spell_key,
        condition_group,
        condition
    from matched
    where is_included and not is_excluded
)

select * from final
