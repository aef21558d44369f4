-- What: after a change of key no pseudonym of before is in use, and none is in any pack.
-- When it matters: on every build; else releases of before and after could be joined without the
--     bridge, which the change of key is to prevent.
-- How to resolve: stop the release; a releases model reads the bridge, or the key did not change.
with

in_use as (
    select person_pseudonym from {{ ref('rel_person_pseudonym') }}
    union
    select person_pseudonym from {{ ref('rel_apc_spell') }}
    union
    select person_pseudonym from {{ ref('rel_emergency_attendance') }}
)

select bridge.agreement_id
from {{ ref('rel_pseudonym_bridge') }} as bridge
inner join in_use
    on bridge.earlier_pseudonym = in_use.person_pseudonym
