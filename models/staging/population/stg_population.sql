-- The last accepted version of each record: refused rows are in stg_error_report.
with accepted as (
    select
        area_code,
        area_name,
        sex,
        age,
        people,
        submission_id,
        source_row,
        {{ latest_record(['area_code', 'sex', 'age']) }} as version_order
    from {{ ref('stg_population_checked') }}
    where not {{ is_rejected('errors') }}
),

final as (
    select
        area_code,
        area_name,
        sex,
        age,
        people,
        submission_id,
        source_row
    from accepted
    where version_order = 1
)

select * from final
