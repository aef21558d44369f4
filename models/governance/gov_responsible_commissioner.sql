with

activity as (
    select
        activity_key,
        commissioner_code
    from {{ ref('fct_activity') }}
),

payer as (
    select
        activity_key,
        cam_version,
        box,
        answer,
        boxes_visited,
        commissioner_code,
        basis
    from {{ ref('gov_commissioner_payer') }}
),

reason as (
    select
        box,
        answer,
        basis,
        reason_code_ending,
        reason,
        service_category
    from {{ ref('cam_reason') }}
),

final as (
    select
        activity.activity_key,

        case
            when payer.activity_key is null then activity.commissioner_code
            else payer.commissioner_code
        end as responsible_commissioner_code,
        coalesce(payer.basis, 'recorded_purchaser') as basis,
        payer.cam_version,
        payer.box,
        payer.boxes_visited,
        nullif(concat_ws('_', payer.commissioner_code, reason.reason_code_ending), '')
            as reason_code,
        reason.reason,
        reason.service_category
    from activity
    left join payer using (activity_key)
    left join reason
        on
            payer.box = reason.box
            and payer.answer = reason.answer
            and payer.basis = reason.basis
)

select * from final
