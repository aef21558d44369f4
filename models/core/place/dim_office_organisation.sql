with

organisation as (
    select
        organisation_code,
        current_code,
        data_services_office_code
    from {{ ref('dim_organisation') }}
    where is_latest
),

-- Who took over the work says whose area it is in.
placed as (
    select
        organisation.organisation_code,
        today.data_services_office_code
    from organisation
    inner join organisation as today
        on today.organisation_code
            = coalesce(organisation.current_code, organisation.organisation_code)
    where today.data_services_office_code is not null
),

practice as (
    select
        practice_code,
        sub_icb_code
    from {{ ref('dim_gp_practice') }}
    where is_latest
),

final as (
    select
        organisation_code,
        data_services_office_code
    from placed
    union all
    select
        practice.practice_code as organisation_code,
        placed.data_services_office_code
    from practice
    inner join placed on practice.sub_icb_code = placed.organisation_code
)

select * from final
