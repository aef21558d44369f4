with

organisation as (
    select
        organisation_code,
        organisation_name,
        organisation_role,
        parent_code,
        valid_from,
        valid_to
    from {{ ref('organisation') }}
),

office_area as (
    select
        icb_code,
        office_code
    from {{ ref('data_services_office_area') }}
),

final as (
    select
        organisation.organisation_code,
        organisation.organisation_name,
        organisation.organisation_role,
        organisation.parent_code,
        office_area.office_code as data_services_office_code,
        organisation.valid_from,
        organisation.valid_to
    from organisation
    left join office_area on organisation.parent_code = office_area.icb_code
)

select * from final
