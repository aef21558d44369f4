with

version as (
    select
        agreement_id,
        agreement_version,
        recipient_code,
        information_flow,
        purpose,
        legal_basis,
        information_level,
        opt_out_regime,
        territory,
        starts_on,
        ends_on,
        retained_until,
        period_start,
        period_end,
        is_invented
    from {{ ref('data_sharing_agreement') }}
),

organisation as (
    select
        organisation_code,
        organisation_name
    from {{ ref('organisation') }}
),

judged as (
    select
        agreement_id,
        agreement_version,
        is_allowed,
        list_contains(reasons, 'agreement_not_in_date') as is_out_of_date
    from {{ ref('gov_agreement') }}
),

final as (
    select
        version.agreement_id,
        version.agreement_version,
        version.recipient_code,
        organisation.organisation_name as recipient_name,
        version.information_flow,
        version.purpose,
        version.legal_basis,
        version.information_level,
        version.opt_out_regime,
        version.territory,
        version.starts_on,
        version.ends_on,
        version.retained_until,
        version.period_start,
        version.period_end,
        case
            when version.starts_on > {{ release_date() }} then 'not_begun'
            when judged.agreement_id is null then 'superseded'
            when judged.is_allowed then 'in_force'
            when judged.is_out_of_date then 'ended'
            else 'refused'
        end as standing,
        version.starts_on <= {{ release_date() }}
        and version.retained_until >= {{ release_date() }} as may_be_held,
        version.is_invented
    from version
    left join organisation
        on version.recipient_code = organisation.organisation_code
    left join judged
        on
            version.agreement_id = judged.agreement_id
            and version.agreement_version = judged.agreement_version
)

select * from final
