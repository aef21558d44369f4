-- What: the records that packs are made of are exactly those that no gate refuses.
-- When it matters: on every build, before every release.
-- How to resolve: a gate of gov_owed_record and of gov_release_eligibility differ.
with

owed as (
    select
        agreement_id,
        activity_key
    from {{ ref('gov_owed_record') }}
    where is_allowed
),

eligible as (
    select
        agreement_id,
        activity_key
    from {{ ref('gov_release_eligibility') }}
    where is_allowed
)

select
    coalesce(owed.agreement_id, eligible.agreement_id) as agreement_id,
    coalesce(owed.activity_key, eligible.activity_key) as activity_key
from owed
full outer join eligible
    on
        owed.agreement_id = eligible.agreement_id
        and owed.activity_key = eligible.activity_key
where
    owed.activity_key is null
    or eligible.activity_key is null
