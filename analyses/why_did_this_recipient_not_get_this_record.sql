-- Why did a recipient not get records it might expect? Every gate that refused, with counts.
select
    recipient_code,
    agreement_id,
    reasons,
    count(*) as records
from {{ ref('gov_release_eligibility') }}
where not is_allowed
group by
    recipient_code,
    agreement_id,
    reasons
order by
    recipient_code asc,
    agreement_id asc,
    records desc,
    reasons asc
