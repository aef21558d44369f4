with

activity as (
    select
        activity_key,
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

final as (
    select
        activity_key,
        list_sort(list(question)) as questions
    from answered_by_code
    group by activity_key
)

select * from final
