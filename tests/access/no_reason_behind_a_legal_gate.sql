-- What: what the staff of an office see names no legal gate, and of a gated record nothing else.
-- When it matters: on every build: a reason of the law or of the patient is special category data.
-- How to resolve: gov_closed_to_analyst lacks the record; give no copy until it has it.
select
    agreement_id,
    reasons
from {{ ref('gov_staff_eligibility') }}
where
    list_has_any(
        reasons,
        ['legally_restricted_code', 'identity_withheld', 'sensitive_person', 'opted_out']
    )
    or (
        list_contains(reasons, 'legal gate')
        and (activity_key is not null or setting is not null or is_allowed is not null)
    )
