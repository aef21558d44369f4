-- What: no record in a pack stands under a pseudonym that was superseded.
-- When it matters: on every build; else one person would be two people in one pack.
-- How to resolve: a record kept a person key of before a merge: see hnd_person_key_link.
with

in_use as (
    select
        agreement_id,
        person_pseudonym
    from {{ ref('rel_apc_spell') }}

    union

    select
        agreement_id,
        person_pseudonym
    from {{ ref('rel_emergency_attendance') }}
)

select superseded.agreement_id
from {{ ref('rel_superseded_pseudonym') }} as superseded
inner join in_use
    on
        superseded.agreement_id = in_use.agreement_id
        and superseded.superseded_pseudonym = in_use.person_pseudonym
