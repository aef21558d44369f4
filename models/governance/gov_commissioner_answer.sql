with

place as (
    select
        activity_key,
        cam_version,
        is_armed_forces_practice,
        is_english_practice,
        is_welsh_practice,
        is_border_area,
        responsible_sub_icb_code,
        host_sub_icb_code,
        prison_hub_code,
        assignment_date
    from {{ ref('gov_commissioner_place') }}
),

activity as (
    select
        activity_key,
        setting,
        administrative_category,
        source_of_admission,
        treatment_function_code,
        residence_class,
        overseas_visitor_status,
        overseas_charging_category,
        service_codes,
        diagnoses,
        main_procedures
    from {{ ref('fct_activity') }}
),

cam_code as (
    select
        question,
        code_system,
        code
    from {{ ref('cam_code') }}
),

commissioned_service as (
    select
        service_code,
        delegation_status,
        is_specialised,
        is_highly_specialised,
        is_public_health,
        valid_from,
        valid_to
    from {{ ref('commissioned_service') }}
),

direct_commissioner as (
    select
        sub_icb_code,
        is_delegated,
        valid_from,
        valid_to
    from {{ ref('direct_commissioner') }}
),

item as (
    select
        activity_key,
        'administrative_category' as code_system,
        administrative_category as code
    from activity
    union all
    select
        activity_key,
        'source_of_admission' as code_system,
        source_of_admission as code
    from activity
    union all
    select
        activity_key,
        'treatment_function' as code_system,
        treatment_function_code as code
    from activity
    union all
    select
        activity_key,
        'residence_class' as code_system,
        residence_class as code
    from activity
    union all
    select
        activity_key,
        'overseas_visitor_status' as code_system,
        overseas_visitor_status as code
    from activity
    union all
    select
        activity_key,
        'overseas_charging_category' as code_system,
        overseas_charging_category as code
    from activity
    union all
    select
        activity_key,
        'service_code' as code_system,
        unnest(service_codes) as code
    from activity
),

clinical_item as (
    select
        activity_key,
        'ICD-10' as code_system,
        unnest(diagnoses) as code
    from activity
    union all
    select
        activity_key,
        'OPCS-4' as code_system,
        unnest(main_procedures) as code
    from activity
),

answered_by_code as (
    select
        item.activity_key,
        cam_code.question
    from item
    inner join cam_code
        on
            item.code_system = cam_code.code_system
            and item.code = cam_code.code
    union
    select
        clinical_item.activity_key,
        cam_code.question
    from clinical_item
    inner join cam_code
        on
            clinical_item.code_system = cam_code.code_system
            and starts_with(clinical_item.code, cam_code.code)
),

coded as (
    select
        activity_key,
        list(question) as questions
    from answered_by_code
    group by activity_key
),

service as (
    select
        place.activity_key,
        bool_or(commissioned_service.is_specialised) as is_specialised,
        bool_or(commissioned_service.is_highly_specialised) as is_highly_specialised,
        bool_or(commissioned_service.is_public_health) as is_public_health,
        list(commissioned_service.delegation_status) as delegation_statuses
    from place
    inner join item
        on
            place.activity_key = item.activity_key
            and item.code_system = 'service_code'
    inner join commissioned_service
        on
            item.code = commissioned_service.service_code
            and {{ in_force(
                'commissioned_service.valid_from',
                'commissioned_service.valid_to',
                'place.assignment_date'
            ) }}
    group by place.activity_key
),

delegation as (
    select
        place.activity_key,
        direct_commissioner.is_delegated
    from place
    inner join direct_commissioner
        on
            place.responsible_sub_icb_code = direct_commissioner.sub_icb_code
            and {{ in_force(
                'direct_commissioner.valid_from',
                'direct_commissioner.valid_to',
                'place.assignment_date'
            ) }}
),

known as (
    select
        place.activity_key,
        place.cam_version,
        activity.setting,
        coalesce(coded.questions, []::varchar[]) as questions,
        place.is_armed_forces_practice,
        place.is_english_practice,
        place.is_welsh_practice,
        place.is_border_area,
        place.prison_hub_code is not null as is_prison,
        place.host_sub_icb_code is not null as has_host,
        coalesce(delegation.is_delegated, false) as is_delegated,
        coalesce(service.is_specialised, false) as is_specialised,
        coalesce(service.is_highly_specialised, false) as is_highly_specialised,
        coalesce(service.is_public_health, false) as is_public_health,
        coalesce(service.delegation_statuses, []::varchar[]) as delegation_statuses
    from place
    inner join activity using (activity_key)
    left join coded using (activity_key)
    left join service using (activity_key)
    left join delegation using (activity_key)
),

answered as (
    select
        activity_key,
        cam_version,
        case when setting = 'emergency' then 'A&E-1' else 'A' end as start_box,
        questions || {{ yes_answers({
            'ordinarily_resident': "not list_contains(questions, 'overseas_visitor')",
            'highly_specialised_service': 'is_highly_specialised',
            'english_practice': 'is_english_practice',
            'border_area_and_welsh_practice': 'is_border_area and is_welsh_practice',
            'border_area_and_english_practice': 'is_border_area and is_english_practice',
            'specialised_and_outside_england':
                "is_specialised and not list_contains(questions, 'lives_in_england')",
            'specialised_service': 'is_specialised',
            'retained_service': "list_contains(delegation_statuses, 'red')",
            'service_not_yet_ready': "list_contains(delegation_statuses, 'amber')",
            'provider_has_hub': 'has_host',
            'health_and_justice': 'is_prison',
            'section_7a_public_health': 'is_public_health',
            'armed_forces_practice': 'is_armed_forces_practice',
            'delegable_service': "list_contains(delegation_statuses, 'green')",
            'delegation_in_force': 'is_delegated',
        }) }} as answers
    from known
),

final as (
    select
        activity_key,
        cam_version,
        start_box,
        list_sort(list_distinct(answers)) as answers
    from answered
)

select * from final
