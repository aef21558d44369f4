with

agreement as (
    select
        agreement_id,
        agreement_version,
        recipient_code
    from {{ ref('gov_agreement') }}
    where is_allowed
),

relationship as (
    select
        relationship_id,
        commissioner_code,
        recipient_code,
        relationship_type,
        valid_from,
        valid_to,
        published_on
    from {{ ref('gov_relationship') }}
    where is_allowed
),

party as (
    select
        agreement_id,
        agreement_version,
        organisation_code
    from {{ ref('agreement_party') }}
    where {{ in_force('joined_on', 'left_on', release_date()) }}
),

assurance as (
    select
        organisation_code,
        standard,
        status,
        published_on,
        valid_to
    from {{ ref('gov_assured_organisation') }}
),

relationship_item as (
    select
        agreement.agreement_id,
        'relationship' as kind,
        row_number() over (
            partition by agreement.agreement_id order by relationship.relationship_id
        ) as item_order,
        json_object(
            'relationship_id', relationship.relationship_id,
            'kind', relationship.relationship_type,
            'from_code', relationship.commissioner_code,
            'to_code', relationship.recipient_code,
            'starts_on', relationship.valid_from,
            'ends_on', relationship.valid_to,
            'published_on', relationship.published_on
        ) as item
    from agreement
    inner join relationship using (recipient_code)
),

assurance_item as (
    select
        agreement.agreement_id,
        'assurance' as kind,
        row_number() over (
            partition by agreement.agreement_id
            order by
                assurance.organisation_code, assurance.published_on, assurance.standard
        ) as item_order,
        json_object(
            'kind', assurance.standard,
            'reference', assurance.organisation_code,
            'status', assurance.status,
            'starts_on', assurance.published_on,
            'ends_on', assurance.valid_to
        ) as item
    from agreement
    inner join party using (agreement_id, agreement_version)
    inner join assurance
        on party.organisation_code = assurance.organisation_code
),

final as (
    select * from relationship_item
    union all
    select * from assurance_item
)

select * from final
