with

agreement_limit as (
    select
        agreement_id,
        agreement_version,
        limited,
        allowed_value
    from {{ ref('agreement_limit') }}
),

final as (
    select
        agreement_id,
        agreement_version,
        list(allowed_value order by allowed_value) filter (
            where limited = 'age_band'
        ) as age_band_values,
        list(allowed_value order by allowed_value) filter (
            where limited = 'local_authority_code'
        ) as local_authority_code_values,
        list(allowed_value order by allowed_value) filter (
            where limited = 'point_of_delivery'
        ) as point_of_delivery_values,
        list(allowed_value order by allowed_value) filter (
            where limited = 'treatment_function_code'
        ) as treatment_function_code_values
    from agreement_limit
    group by
        agreement_id,
        agreement_version
)

select * from final
