-- Who is owed what? One row per agreement, with the reasons where nothing is given.
select
    recipient_code,
    recipient_name,
    agreement_id,
    flow,
    purpose,
    period_start,
    period_end,
    allowed,
    reasons
from {{ ref('rel_pack') }}
order by
    recipient_code asc,
    agreement_id asc
