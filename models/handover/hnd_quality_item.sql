with

final as (
    select
        feed,
        provider_code,
        activity_month,
        data_item,
        record_count,
        valid_count,
        default_count,
        invalid_count,
        missing_count
    from {{ ref('stg_quality_item') }}
)

select * from final
