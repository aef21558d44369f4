-- What: no link between person keys leads to a key that has a link of its own.
-- When it matters: on every build; the core follows one link only, so a chain or a circle would
-- leave a person under two keys.
-- How to resolve: stg_standing_number must follow superseded numbers to the end or nowhere.
{{ config(group='identifiable') }}

select
    link.from_person_key,
    link.to_person_key
from {{ ref('hnd_person_key_link') }} as link
inner join {{ ref('hnd_person_key_link') }} as next_link
    on link.to_person_key = next_link.from_person_key
