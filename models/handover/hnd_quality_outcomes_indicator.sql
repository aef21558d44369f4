with

record as (
    select
        submission_id,
        financial_year,
        practice_code,
        indicator_code,
        indicator_description,
        numerator,
        denominator,
        personalised_care_adjustments,
        achievement_percent,
        register_size,
        list_size
    from {{ ref('stg_quality_outcomes_indicator') }}
),

final as (
    select
        submission_id,
        financial_year,
        practice_code,
        indicator_code,
        indicator_description,
        numerator,
        denominator,
        personalised_care_adjustments,
        achievement_percent,
        register_size,
        list_size
    from record
)

select * from final
