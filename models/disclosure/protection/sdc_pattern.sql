with

final as (
    select
        cell_id,
        status
    from {{ ref('sdc_certificate') }}
    where
        witness = 0
        and status <> 'unpublished'
)

select * from final
