-- What: nobody with a national data opt-out in force is in a pack whose agreement honours opt-outs.
-- When it matters: on every build, before every release.
-- How to resolve: stop the release; gov_release_eligibility has let an objection pass.
-- Source: National data opt-out operational policy guidance.
select
    pseudonym.agreement_id,
    pseudonym.person_pseudonym
from {{ ref('rel_person_pseudonym') }} as pseudonym
inner join {{ ref('gov_objection_in_force') }} as objection
    on pseudonym.person_key = objection.person_key
where pseudonym.opt_out_regime = 'applied'
