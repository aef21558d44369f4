with

activity as (
    select
        activity_key,
        person_key,
        setting,
        is_person_established,
        activity_date
    from {{ ref('fct_activity') }}
    where setting in ('admitted', 'emergency')
),

commissioner as (
    select
        activity_key,
        responsible_commissioner_code
    from {{ ref('gov_responsible_commissioner') }}
),

legal_gate as (
    select
        activity_key,
        is_legally_restricted,
        is_identity_withheld
    from {{ ref('gov_legal_gate') }}
),

agreement as (
    select
        agreement_id,
        recipient_code,
        opt_out_regime,
        field_list,
        period_start,
        period_end,
        reasons
    from {{ ref('gov_agreement') }}
    where flow = 'record_level'
),

data_set as (
    select distinct
        field_list,
        case table_name when 'apc_spell' then 'admitted' else 'emergency' end as setting
    from {{ ref('agreement_field') }}
    where table_name in ('apc_spell', 'emergency_attendance')
),

relationship as (
    select
        recipient_code,
        commissioner_code,
        reasons
    from {{ ref('gov_relationship') }}
),

objection as (
    select person_key
    from {{ ref('gov_objection_in_force') }}
),

-- objections are made by NHS number: of anybody else nobody knows whether there is one
known_person as (
    select distinct surviving_person_key as person_key
    from {{ ref('dim_person') }}
),

sensitive_person as (
    select surviving_person_key as person_key
    from {{ ref('dim_person') }}
    where is_sensitive

    union

    select person_key
    from {{ ref('hnd_sensitive_record_person') }}
),

judged as (
    select
        activity.activity_key,
        agreement.agreement_id,
        agreement.recipient_code,
        activity.setting,
        commissioner.responsible_commissioner_code,
        agreement.reasons || coalesce(relationship.reasons, []::varchar[]) || {{ names_that_hold({
            'data_set_not_in_agreement': 'data_set.setting is null',
            'period_not_in_agreement':
                'activity.activity_date is null or activity.activity_date'
                ~ ' not between agreement.period_start and agreement.period_end',
            'commissioner_not_in_scope': 'relationship.commissioner_code is null',
            'legally_restricted_code': 'legal_gate.is_legally_restricted',
            'identity_withheld': 'legal_gate.is_identity_withheld',
            'sensitive_person': 'sensitive_person.person_key is not null',
            'opted_out':
                "agreement.opt_out_regime = 'applied' and objection.person_key is not null",
            'person_not_established':
                "agreement.opt_out_regime = 'applied'"
                ~ ' and (known_person.person_key is null or not activity.is_person_established)',
        }) }} as reasons
    from activity
    inner join commissioner using (activity_key)
    inner join legal_gate using (activity_key)
    cross join agreement
    left join data_set
        on
            agreement.field_list = data_set.field_list
            and activity.setting = data_set.setting
    left join relationship
        on
            agreement.recipient_code = relationship.recipient_code
            and commissioner.responsible_commissioner_code = relationship.commissioner_code
    left join objection
        on activity.person_key = objection.person_key
    left join known_person
        on activity.person_key = known_person.person_key
    left join sensitive_person
        on activity.person_key = sensitive_person.person_key
),

final as (
    select
        activity_key,
        agreement_id,
        recipient_code,
        setting,
        responsible_commissioner_code,
        len(reasons) = 0 as is_allowed,
        reasons
    from judged
)

select * from final
