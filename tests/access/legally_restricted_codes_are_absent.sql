-- What: no record-level pack holds a code that the law keeps from commissioners.
-- When it matters: on every build, before every release.
-- How to resolve: stop the release; gov_legal_gate has let a code pass.
-- Source: Human Fertilisation and Embryology Act 1990; seeds/rules/legally_restricted_code.
select
    spell.agreement_id,
    spell.record_key
from {{ ref('rel_apc_spell') }} as spell
inner join {{ ref('fct_apc_episode') }} as episode
    on spell.record_key = episode.spell_key
inner join {{ ref('legally_restricted_code') }} as listed
    on
        (
            listed.code_system = 'ICD-10'
            and regexp_matches(
                concat_ws(';', episode.primary_diagnosis, episode.secondary_diagnoses),
                '(^|;)' || listed.code_prefix
            )
        )
        or (
            listed.code_system = 'OPCS-4'
            and regexp_matches(
                concat_ws(';', episode.primary_procedure, episode.secondary_procedures),
                '(^|;)' || listed.code_prefix
            )
        )
