with

presentation as (
    select
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
    from {{ ref('hnd_prescribing_month') }}
),

final as (
    select
        prescribing_month,

        regional_office_code,
        area_team_code,
        case when unidentified = 'N' then commissioner_code end as commissioner_code,
        case when unidentified = 'N' then practice_code end as practice_code,
        unidentified = 'Y' as is_unidentified,
        bnf_chemical_substance,
        bnf_code,
        bnf_description,

        quantity,
        items,
        total_quantity,
        average_daily_quantity_usage,
        net_ingredient_cost,
        actual_cost
    from presentation
)

select * from final
