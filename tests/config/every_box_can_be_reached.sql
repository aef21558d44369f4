-- What: every box of a version is a start (A, A&E-1) or is led to by another box of that version,
-- and no box leads to one that the version does not have.
-- When it matters: when the flow chart of a version is entered or changed.
-- How to resolve: a box in seeds/rules/cam_step.csv is misspelt, or a box is left over.
with led_to as (
    select
        cam_version,
        yes_box as box_code
    from {{ ref('cam_step') }}
    where yes_box is not null
    union
    select
        cam_version,
        no_box as box_code
    from {{ ref('cam_step') }}
    where no_box is not null
)

select
    coalesce(chart.cam_version, led_to.cam_version) as cam_version,
    coalesce(chart.box, led_to.box_code) as box_code
from {{ ref('cam_step') }} as chart
full join led_to
    on
        chart.cam_version = led_to.cam_version
        and chart.box = led_to.box_code
where
    (led_to.box_code is null and chart.box not in ('A', 'A&E-1'))
    or chart.box is null
