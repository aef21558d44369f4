with

relationship as (
    select
        relationship_id,
        commissioner_code,
        recipient_code,
        relationship_type,
        data_services_regional_office,
        contract_signed_on,
        commissioner_consented_on,
        recipient_consented_on,
        valid_from,
        valid_to,
        published_on
    from {{ ref('legitimate_commissioning_relationship') }}
),

judged as (
    select
        relationship_id,
        commissioner_code,
        recipient_code,
        relationship_type,
        data_services_regional_office,
        valid_from,
        valid_to,
        published_on,
        {{ names_that_hold({
            'relationship_contract_not_signed':
                'contract_signed_on is null or contract_signed_on > ' ~ release_date(),
            'relationship_without_both_consents':
                'commissioner_consented_on is null or recipient_consented_on is null'
                ~ ' or greatest(commissioner_consented_on, recipient_consented_on) > '
                ~ release_date(),
            'relationship_not_in_force': 'not ' ~ in_force('valid_from', 'valid_to', release_date()),
            'relationship_not_published':
                'published_on is null or published_on > ' ~ release_date(),
        }) }} as reasons
    from relationship
),

final as (
    select
        relationship_id,
        commissioner_code,
        recipient_code,
        relationship_type,
        data_services_regional_office,
        valid_from,
        valid_to,
        published_on,
        len(reasons) = 0 as is_allowed,
        reasons
    from judged
)

select * from final
