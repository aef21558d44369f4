-- What: no observation of a general practice crossed the wall whose person held a Type 1 objection
-- on the day of the extract, whatever number either came under.
-- When it matters: on every build; a Type 1 objection stops general practice data at the practice.
-- How to resolve: stop the build; the refusal in the feed's contract (objection_kind) did not hold.
-- Source: NHS England, Type 1 opt-out (code 9Nu0).
with

observation as (
    select
        record_key,
        person_key,
        extract_date
    from {{ ref('fct_gp_extract_observation') }}
),

objection as (
    select
        person_key,
        valid_from,
        valid_to
    from {{ ref('hnd_objection') }}
    where kind = 'type_1'
),

person as (
    select
        person_key,
        surviving_person_key
    from {{ ref('dim_person') }}
),

surviving as (
    select
        coalesce(person.surviving_person_key, objection.person_key) as person_key,
        objection.valid_from,
        objection.valid_to
    from objection
    left join person using (person_key)
)

select observation.record_key
from observation
inner join surviving
    on
        observation.person_key = surviving.person_key
        and {{ in_force('surviving.valid_from', 'surviving.valid_to', 'observation.extract_date') }}
