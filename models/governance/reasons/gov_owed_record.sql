with

agreement as (
    select
        agreement_id,
        agreement_version,
        recipient_code,
        opt_out_regime,
        period_start,
        period_end
    from {{ ref('gov_agreement') }}
    where
        flow = 'record_level'
        and is_allowed
),

agreement_setting as (
    select
        agreement_id,
        setting
    from {{ ref('gov_agreement_setting') }}
),

agreement_limit as (
    select
        agreement_id,
        agreement_version,
        age_band_values,
        local_authority_code_values,
        point_of_delivery_values,
        treatment_function_code_values
    from {{ ref('gov_agreement_limit') }}
),

recipient as (
    select
        activity_key,
        recipient_code
    from {{ ref('gov_record_recipient') }}
    where is_allowed
),

record as (
    select
        activity_key,
        person_key,
        setting,
        activity_date,
        responsible_commissioner_code,
        local_authority_code,
        age_band,
        point_of_delivery,
        treatment_function_code
    from {{ ref('gov_record') }}
),

legal_gate as (
    select
        activity_key,
        is_legally_restricted,
        is_identity_withheld,
        is_sensitive_person,
        is_opted_out,
        is_known_person
    from {{ ref('gov_legal_gate') }}
),

contracted as (
    select
        agreement.agreement_id,
        agreement.opt_out_regime,
        record.activity_key,
        record.person_key,
        record.setting,
        record.responsible_commissioner_code,
        record.local_authority_code
    from agreement
    inner join agreement_setting
        on agreement.agreement_id = agreement_setting.agreement_id
    inner join recipient
        on agreement.recipient_code = recipient.recipient_code
    inner join record
        on
            recipient.activity_key = record.activity_key
            and agreement_setting.setting = record.setting
            and {{ is_in_period('record', 'agreement') }}
    left join agreement_limit
        on
            agreement.agreement_id = agreement_limit.agreement_id
            and agreement.agreement_version = agreement_limit.agreement_version
    where len({{ limits_that_refuse('agreement_limit', 'record') }}) = 0
),

judged as (
    select
        contracted.activity_key,
        contracted.agreement_id,
        contracted.person_key,
        contracted.setting,
        contracted.responsible_commissioner_code,
        contracted.local_authority_code,
        {{ legal_refusals('legal_gate', 'contracted.opt_out_regime') }} as reasons
    from contracted
    inner join legal_gate using (activity_key)
),

final as (
    select
        activity_key,
        agreement_id,
        person_key,
        setting,
        responsible_commissioner_code,
        local_authority_code,
        len(reasons) = 0 as is_allowed,
        reasons
    from judged
)

select * from final
