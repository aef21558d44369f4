-- What: where a person of adult social care is known by an authority's own id only, one id of one
-- authority is one person, and the same id at another authority is another person.
-- When it matters: on every build; authorities number their people from 1.
-- How to resolve: issued_person_id in the contract must name the organisation beside the id.
{{ config(group='identifiable') }}

with

event as (
    select
        submission_id,
        source_row,
        provider_code,
        local_patient_id
    from {{ ref('stg_social_care_event') }}
),

identity as (
    select
        submission_id,
        source_row,
        identity_value
    from {{ ref('idn_trace') }}
    where feed = 'social_care_event' and identity_type = 'source_person_id'
),

named as (
    select distinct
        event.provider_code,
        event.local_patient_id,
        identity.identity_value
    from event
    inner join identity using (submission_id, source_row)
)

select
    count(*) as pairs,
    count(distinct provider_code || ' ' || local_patient_id) as ids,
    count(distinct identity_value) as people
from named
having
    count(*) <> count(distinct provider_code || ' ' || local_patient_id)
    or count(*) <> count(distinct identity_value)
