-- What: no record-level pack holds a code that the law keeps from commissioners, however it is
-- spelled, nor one that nobody can read, which could be such a code.
-- When it matters: on every build, before every release.
-- How to resolve: stop the release; gov_legal_gate has let a code pass.
-- Source: Human Fertilisation and Embryology Act 1990; seeds/rules/legally_restricted_code.
with

coded as (
    select
        record_key,
        'ICD-10' as code_system,
        diagnosis_code as code
    from {{ ref('brg_diagnosis') }}
    union all
    select
        record_key,
        'OPCS-4' as code_system,
        procedure_code as code
    from {{ ref('brg_procedure') }}
),

spelled as (
    select
        record_key,
        code_system,
        regexp_replace(upper(code), '[^A-Z0-9]', '', 'g') as code
    from coded
),

must_stay as (
    select spelled.record_key
    from spelled
    inner join {{ ref('legally_restricted_code') }} as listed
        on
            spelled.code_system = listed.code_system
            and starts_with(spelled.code, listed.code_prefix)
            and {{ in_force('listed.valid_from', 'listed.valid_to', release_date()) }}
    union
    select record_key
    from coded
    where not regexp_full_match(code, '[A-Z][0-9]{2}[0-9X]?[0-9]?')
)

select
    spell.agreement_id,
    spell.record_key
from {{ ref('rel_apc_spell') }} as spell
inner join {{ ref('fct_apc_episode') }} as episode
    on spell.record_key = episode.spell_key
inner join must_stay
    on episode.record_key = must_stay.record_key
