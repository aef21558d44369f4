with recursive

asked as (
    select distinct
        cam_version,
        start_box,
        answers
    from {{ ref('gov_commissioner_answer') }}
),

-- Unit tests read the chart from the seed's file, in which no box is empty text.
step as (
    select
        cam_version,
        box,
        question,
        nullif(yes_box, '') as yes_box,
        nullif(no_box, '') as no_box
    from {{ ref('cam_step') }}
),

-- One row per box visited; the flow chart has fewer boxes than the walk may have steps.
walk as (
    select
        asked.cam_version,
        asked.start_box,
        asked.answers,
        step.box,
        list_contains(asked.answers, step.question) as is_yes,
        case when list_contains(asked.answers, step.question) then step.yes_box else step.no_box end
            as next_box,
        step.box as boxes,
        1 as steps
    from asked
    inner join step
        on
            asked.cam_version = step.cam_version
            and asked.start_box = step.box

    union all

    select
        walk.cam_version,
        walk.start_box,
        walk.answers,
        step.box,
        list_contains(walk.answers, step.question) as is_yes,
        case when list_contains(walk.answers, step.question) then step.yes_box else step.no_box end
            as next_box,
        walk.boxes || ' > ' || step.box as boxes,
        walk.steps + 1 as steps
    from walk
    inner join step
        on
            walk.cam_version = step.cam_version
            and walk.next_box = step.box
    where walk.steps < 40
),

final as (
    select
        cam_version,
        start_box,
        answers,
        box,
        case when is_yes then 'yes' else 'no' end as answer,
        boxes
    from walk
    where next_box is null
)

select * from final
