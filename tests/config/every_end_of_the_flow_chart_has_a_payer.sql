-- What: where an answer leads to no further box, cam_outcome says who pays, and it names no other
-- end.
-- When it matters: when the flow chart of a version is entered or changed.
-- How to resolve: add the end to seeds/rules/cam_outcome.csv, or lead the answer to a box.
with ending as (
    select
        box as box_code,
        'yes' as answer
    from {{ ref('cam_step') }}
    where yes_box is null
    union
    select
        box as box_code,
        'no' as answer
    from {{ ref('cam_step') }}
    where no_box is null
)

select
    coalesce(ending.box_code, outcome.box) as box_code,
    coalesce(ending.answer, outcome.answer) as answer
from ending
full join {{ ref('cam_outcome') }} as outcome
    on
        ending.box_code = outcome.box
        and ending.answer = outcome.answer
where ending.box_code is null or outcome.box is null
