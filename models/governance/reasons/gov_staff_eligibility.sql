with

eligibility as (
    select
        activity_key,
        agreement_id,
        recipient_code,
        setting,
        is_allowed,
        reasons
    from {{ ref('gov_release_eligibility') }}
),

closed as (
    select closed_key
    from {{ ref('gov_closed_to_analyst') }}
),

office as (
    select
        activity_key,
        data_services_office_code
    from {{ ref('fct_activity') }}
),

judged as (
    select
        eligibility.*,
        office.data_services_office_code,
        closed.closed_key is not null as is_closed
    from eligibility
    inner join office on eligibility.activity_key = office.activity_key
    left join closed on eligibility.activity_key = closed.closed_key
),

-- The same under every agreement: one that does not honour opt-outs would tell the reason of one
-- that does.
final as (
    select
        case when not is_closed then activity_key end as activity_key,
        agreement_id,
        recipient_code,
        data_services_office_code,
        case when not is_closed then setting end as setting,
        case when not is_closed then is_allowed end as is_allowed,
        case when is_closed then ['legal gate'] else reasons end as reasons
    from judged
)

select * from final
