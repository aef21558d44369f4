-- What: every recipient of an agreement is in dim_organisation, once as of its last period.
-- When it matters: when a register is loaded that replaces embedded organisations.
-- How to resolve: the loaded register lacks the recipient: load the whole register, not an extract.
with

recipient as (
    select distinct recipient_code
    from {{ ref('data_sharing_agreement') }}
)

select
    recipient.recipient_code,
    count(organisation.organisation_code) as organisations
from recipient
left join {{ ref('dim_organisation') }} as organisation
    on
        recipient.recipient_code = organisation.organisation_code
        and organisation.is_latest
group by recipient.recipient_code
having count(organisation.organisation_code) <> 1
