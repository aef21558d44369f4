with

relationship as (
    select
        relationship_id,
        relationship_type,
        commissioner_code,
        recipient_code,
        data_services_regional_office,
        valid_from,
        valid_to,
        published_on
    from {{ ref('gov_relationship') }}
    where is_allowed
),

organisation as (
    select
        organisation_code,
        organisation_name
    from {{ ref('organisation') }}
),

final as (
    select
        relationship.relationship_id,
        relationship.relationship_type,
        relationship.commissioner_code,
        commissioner.organisation_name as commissioner_name,
        relationship.recipient_code,
        recipient.organisation_name as recipient_name,
        relationship.data_services_regional_office,
        relationship.valid_from,
        relationship.valid_to,
        relationship.published_on
    from relationship
    left join organisation as commissioner
        on relationship.commissioner_code = commissioner.organisation_code
    left join organisation as recipient
        on relationship.recipient_code = recipient.organisation_code
)

select * from final
