-- Published figures: no people are in them. The row of England is marked, not counted with others.
with

published as (
    select
        submission_id,
        activity_month,
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
    from {{ ref('stg_published_emergency_activity') }}
),

final as (
    select
        submission_id,
        activity_month as month_start,
        organisation_code,
        organisation_name,
        organisation_code = 'TOTAL' as is_total,
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
)

select * from final
