with

record as (
    select
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
    from {{ ref('hnd_quality_outcomes_indicator') }}
),

final as (
    select
        financial_year,
        practice_code,
        indicator_code,
        indicator_description,
        numerator,
        denominator,
        personalised_care_adjustments,
        achievement_percent,
        register_size,
        list_size,
        100.0::double * register_size / nullif(list_size, 0) as prevalence_percent
    from record
)

select * from final
