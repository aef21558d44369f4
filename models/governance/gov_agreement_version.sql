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
        key_version,
        contract_reference,
        field_list,
        territory,
        starts_on,
        ends_on,
        retained_until,
        period_start,
        period_end,
        row_number() over (
            partition by agreement_id
            order by starts_on <= {{ release_date() }} desc, starts_on desc, agreement_version desc
        ) as recency
    from {{ ref('data_sharing_agreement') }}
),

final as (
    select
        agreement_id,
        agreement_version,
        recipient_code,
        information_flow,
        purpose,
        legal_basis,
        information_level,
        opt_out_regime,
        key_version,
        contract_reference,
        field_list,
        territory,
        starts_on,
        ends_on,
        retained_until,
        period_start,
        period_end
    from version
    where recency = 1
)

select * from final
