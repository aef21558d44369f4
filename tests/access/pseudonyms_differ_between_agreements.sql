-- What: no pseudonym occurs under two agreements, and one person has one under each.
-- When it matters: on every build; equal pseudonyms would let two recipients join their data.
-- How to resolve: stop the release; two agreements share a key.
select
    person_pseudonym,
    count(distinct agreement_id) as agreements,
    count(distinct person_key) as people
from {{ ref('rel_person_pseudonym') }}
group by person_pseudonym
having
    count(distinct agreement_id) > 1
    or count(distinct person_key) > 1
