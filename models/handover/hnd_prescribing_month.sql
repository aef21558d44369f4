with

record as (
    select
        submission_id,
        prescribing_month,
        regional_office_code,
        area_team_code,
        commissioner_code,
        practice_code,
        bnf_chemical_substance,
        bnf_code,
        bnf_description,
        quantity,
        items,
        total_quantity,
        average_daily_quantity_usage,
        net_ingredient_cost,
        actual_cost,
        unidentified
    from {{ ref('stg_prescribing_month') }}
),

final as (
    select
        submission_id,
        prescribing_month,
        regional_office_code,
        area_team_code,
        commissioner_code,
        practice_code,
        bnf_chemical_substance,
        bnf_code,
        bnf_description,
        quantity,
        items,
        total_quantity,
        average_daily_quantity_usage,
        net_ingredient_cost,
        actual_cost,
        unidentified
    from record
)

select * from final
