with

agreement as (
    select
        agreement_id,
        agreement_version,
        recipient_code,
        flow,
        field_list,
        period_start,
        period_end,
        reasons
    from {{ ref('gov_agreement') }}
),

data_set as (
    select distinct
        field_list,
        table_name as data_set
    from {{ ref('agreement_field') }}
),

relationship as (
    select
        relationship_id,
        commissioner_code,
        recipient_code,
        reasons
    from {{ ref('gov_relationship') }}
),

judged as (
    select
        agreement.agreement_id,
        agreement.agreement_version,
        agreement.recipient_code,
        agreement.flow,
        data_set.data_set,
        relationship.relationship_id,
        relationship.commissioner_code,
        agreement.period_start,
        agreement.period_end,
        agreement.reasons || relationship.reasons as reasons
    from agreement
    inner join data_set
        on agreement.field_list = data_set.field_list
    inner join relationship
        on agreement.recipient_code = relationship.recipient_code
),

final as (
    select
        agreement_id,
        agreement_version,
        recipient_code,
        flow,
        data_set,
        relationship_id,
        commissioner_code,
        period_start,
        period_end,
        len(reasons) = 0 as is_allowed,
        reasons
    from judged
)

select * from final
