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
        setting
    from {{ ref('fct_activity') }}
),

coded as (
    select
        activity_key,
        questions
    from {{ ref('gov_commissioner_code_answer') }}
),

service as (
    select
        activity_key,
        is_specialised,
        is_highly_specialised,
        is_public_health,
        is_retained,
        is_not_yet_ready,
        is_delegable
    from {{ ref('gov_commissioner_service') }}
),

direct_commissioner as (
    select
        sub_icb_code,
        is_delegated,
        valid_from,
        valid_to
    from {{ ref('direct_commissioner') }}
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
        coalesce(service.is_retained, false) as is_retained,
        coalesce(service.is_not_yet_ready, false) as is_not_yet_ready,
        coalesce(service.is_delegable, false) as is_delegable
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
        questions || {{ names_that_hold({
            'ordinarily_resident': "not list_contains(questions, 'overseas_visitor')",
            'highly_specialised_service': 'is_highly_specialised',
            'english_practice': 'is_english_practice',
            'border_area_and_welsh_practice': 'is_border_area and is_welsh_practice',
            'border_area_and_english_practice': 'is_border_area and is_english_practice',
            'specialised_and_outside_england':
                "is_specialised and not list_contains(questions, 'lives_in_england')",
            'specialised_service': 'is_specialised',
            'retained_service': 'is_retained',
            'service_not_yet_ready': 'is_not_yet_ready',
            'provider_has_hub': 'has_host',
            'health_and_justice': 'is_prison',
            'section_7a_public_health': 'is_public_health',
            'armed_forces_practice': 'is_armed_forces_practice',
            'delegable_service': 'is_delegable',
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
