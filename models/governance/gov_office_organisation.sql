with

final as (
    select
        organisation_code,
        data_services_office_code
    from {{ ref('dim_office_organisation') }}
)

select * from final
