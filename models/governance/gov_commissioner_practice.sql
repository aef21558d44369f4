with

activity as (
    select
        activity_key,
        activity_date as assignment_date,
        gp_practice_code
    from {{ ref('fct_activity') }}
),

cam_version as (
    select
        cam_version,
        valid_from,
        valid_to
    from {{ ref('cam_version') }}
),

armed_forces_practice as (
    select
        practice_code,
        valid_from,
        valid_to
    from {{ ref('armed_forces_practice') }}
),

prison_practice as (
    select
        practice_code,
        justice_hub_code
    from {{ ref('prison_practice') }}
),

practice as (
    select
        practice_code,
        sub_icb_code,
        valid_from,
        valid_to
    from {{ ref('dim_gp_practice') }}
    where
        sub_icb_code is not null
        and practice_code not in (
            select armed_forces_practice.practice_code from armed_forces_practice
        )
        and practice_code not in (select prison_practice.practice_code from prison_practice)
),

welsh_practice as (
    select
        practice_code,
        health_board_code,
        valid_from,
        valid_to
    from {{ ref('welsh_practice') }}
),

-- Joins over periods stand alone, each inner and on its code, so that none of them compares every
-- activity with every row of a list.
assigned as (
    select
        activity.activity_key,
        activity.assignment_date,
        activity.gp_practice_code,
        cam_version.cam_version
    from activity
    inner join cam_version
        on
            {{ in_force(
                'cam_version.valid_from', 'cam_version.valid_to', 'activity.assignment_date'
            ) }}
),

open_practice as (
    select
        assigned.activity_key,
        practice.sub_icb_code
    from assigned
    inner join practice
        on
            assigned.gp_practice_code = practice.practice_code
            and {{ in_force(
                'practice.valid_from', 'practice.valid_to', 'assigned.assignment_date'
            ) }}
),

open_armed_forces_practice as (
    select
        assigned.activity_key,
        true as is_armed_forces_practice
    from assigned
    inner join armed_forces_practice
        on
            assigned.gp_practice_code = armed_forces_practice.practice_code
            and {{ in_force(
                'armed_forces_practice.valid_from',
                'armed_forces_practice.valid_to',
                'assigned.assignment_date'
            ) }}
),

open_welsh_practice as (
    select
        assigned.activity_key,
        welsh_practice.health_board_code
    from assigned
    inner join welsh_practice
        on
            assigned.gp_practice_code = welsh_practice.practice_code
            and {{ in_force(
                'welsh_practice.valid_from', 'welsh_practice.valid_to', 'assigned.assignment_date'
            ) }}
),

final as (
    select
        assigned.activity_key,

        assigned.cam_version,
        coalesce(open_armed_forces_practice.is_armed_forces_practice, false)
            as is_armed_forces_practice,
        open_practice.sub_icb_code as practice_sub_icb_code,
        prison_practice.justice_hub_code as practice_justice_hub_code,
        open_welsh_practice.health_board_code as practice_health_board_code,

        assigned.assignment_date
    from assigned
    left join open_practice using (activity_key)
    left join open_armed_forces_practice using (activity_key)
    left join open_welsh_practice using (activity_key)
    left join prison_practice
        on assigned.gp_practice_code = prison_practice.practice_code
)

select * from final
