with

published as (
    select
        month_start,
        organisation_code,
        organisation_name,
        is_total,
        attendances_type_1,
        attendances_type_2,
        attendances_other,
        booked_attendances_type_1,
        booked_attendances_type_2,
        booked_attendances_other,
        over_four_hours_type_1,
        over_four_hours_type_2,
        over_four_hours_other,
        booked_over_four_hours_type_1,
        booked_over_four_hours_type_2,
        booked_over_four_hours_other,
        waited_4_to_12_hours,
        waited_12_hours,
        emergency_admissions_type_1,
        emergency_admissions_type_2,
        emergency_admissions_other,
        other_emergency_admissions
    from {{ ref('hnd_published_emergency_activity') }}
),

final as (
    select
        month_start,
        organisation_code,
        organisation_name,

        attendances_type_1,
        attendances_type_2,
        attendances_other,
        booked_attendances_type_1,
        booked_attendances_type_2,
        booked_attendances_other,
        over_four_hours_type_1,
        over_four_hours_type_2,
        over_four_hours_other,
        booked_over_four_hours_type_1,
        booked_over_four_hours_type_2,
        booked_over_four_hours_other,
        waited_4_to_12_hours,
        waited_12_hours,
        emergency_admissions_type_1,
        emergency_admissions_type_2,
        emergency_admissions_other,
        other_emergency_admissions
    from published
    where not is_total
)

select * from final
