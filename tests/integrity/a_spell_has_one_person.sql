-- What: all episodes of a spell belong to one person.
-- When it matters: on every build; two people in one spell would be released as one.
-- How to resolve: the provider reused a hospital spell number; ask for a corrected submission.
select
    spell_key,
    count(distinct person_key) as people
from {{ ref('fct_apc_episode') }}
group by spell_key
having count(distinct person_key) > 1
