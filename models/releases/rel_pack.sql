with

agreement as (
    select
        agreement_id,
        agreement_version,
        recipient_code,
        flow,
        purpose,
        legal_basis,
        information_level,
        opt_out_regime,
        key_version,
        period_start,
        period_end,
        retained_until,
        is_allowed,
        reasons
    from {{ ref('gov_agreement') }}
),

organisation as (
    select
        organisation_code,
        organisation_name
    from {{ ref('dim_organisation') }}
    where is_latest
),

entitled as (
    select
        agreement_id,
        bool_or(is_allowed) as has_scope
    from {{ ref('gov_entitlement') }}
    group by agreement_id
),

opt_out as (
    select
        agreement_id,
        opt_out_status,
        opted_out_people
    from {{ ref('rel_opt_out_count') }}
),

final as (
    select
        agreement.recipient_code,
        organisation.organisation_name as recipient_name,
        agreement.agreement_id,
        agreement.agreement_version,
        agreement.flow,
        agreement.purpose,
        agreement.legal_basis,
        agreement.information_level,
        agreement.opt_out_regime,
        agreement.key_version,
        agreement.period_start,
        agreement.period_end,
        {{ release_date() }} as data_cut,
        agreement.is_allowed and coalesce(entitled.has_scope, false) as allowed,
        agreement.reasons || case
            when agreement.is_allowed and not coalesce(entitled.has_scope, false)
                then ['no_relationship_in_force']
            else []::varchar[]
        end as reasons,
        opt_out.opt_out_status,
        opt_out.opted_out_people,
        agreement.retained_until
    from agreement
    inner join organisation
        on agreement.recipient_code = organisation.organisation_code
    left join entitled
        on agreement.agreement_id = entitled.agreement_id
    left join opt_out
        on agreement.agreement_id = opt_out.agreement_id
)

select * from final
