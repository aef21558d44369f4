with

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

agreement as (
    select
        agreement_id,
        agreement_version,
        recipient_code,
        opt_out_regime,
        period_start,
        period_end,
        reasons
    from {{ ref('gov_agreement') }}
    where flow in ('record_level', 'controlled')
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
        recipient_code,
        reasons
    from {{ ref('gov_record_recipient') }}
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

judged as (
    select
        record.activity_key,
        agreement.agreement_id,
        agreement.recipient_code,
        record.person_key,
        record.setting,
        record.responsible_commissioner_code,
        record.local_authority_code,
        agreement.reasons || recipient.reasons as contract_reasons,
        {{ names_that_hold({
            'data_set_not_in_agreement': 'agreement_setting.setting is null',
            'period_not_in_agreement': 'not ' ~ is_in_period('record', 'agreement'),
        }) }} as scope_reasons,
        {{ limits_that_refuse(
            'agreement_limit', 'record'
        ) }} as limit_reasons,
        {{ legal_refusals(
            'legal_gate', 'agreement.opt_out_regime'
        ) }} as legal_reasons
    from record
    inner join recipient
        on record.activity_key = recipient.activity_key
    inner join agreement
        on recipient.recipient_code = agreement.recipient_code
    inner join legal_gate
        on record.activity_key = legal_gate.activity_key
    left join agreement_setting
        on
            agreement.agreement_id = agreement_setting.agreement_id
            and record.setting = agreement_setting.setting
    left join agreement_limit
        on
            agreement.agreement_id = agreement_limit.agreement_id
            and agreement.agreement_version = agreement_limit.agreement_version
),

gathered as (
    select
        activity_key,
        agreement_id,
        recipient_code,
        person_key,
        setting,
        responsible_commissioner_code,
        local_authority_code,
        contract_reasons || scope_reasons || limit_reasons || legal_reasons as reasons
    from judged
),

final as (
    select
        activity_key,
        agreement_id,
        recipient_code,
        person_key,
        setting,
        responsible_commissioner_code,
        local_authority_code,
        len(reasons) = 0 as is_allowed,
        reasons
    from gathered
)

select * from final
