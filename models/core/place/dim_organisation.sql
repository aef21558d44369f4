-- Registers that are loaded replace the embedded rows of the roles they list, each as a whole.
with

loaded as (
    select
        organisation_code,
        organisation_name,
        case
            when organisation_register = 'etr' then 'trust'
            when organisation_register = 'eccg' then 'sub_icb'
            else 'region'
        end as organisation_role,
        case when organisation_register <> 'eauth' then health_geography_code end as parent_code,
        case
            when organisation_register = 'eccg'
                then greatest(opened_on, {{ integrated_care_boards_from() }})
            else opened_on
        end as valid_from,
        closed_on as valid_to
    from {{ ref('hnd_ods_organisation') }}
    where
        organisation_register = 'etr'
        or (organisation_register = 'eccg' and organisation_sub_type = 'C')
        -- the register has no column for the kind: regions are known by the form of their code
        or (organisation_register = 'eauth' and starts_with(organisation_code, 'Y'))
),

embedded as (
    select
        organisation_code,
        organisation_name,
        organisation_role,
        parent_code,
        valid_from,
        valid_to
    from {{ ref('organisation') }}
    where organisation_role not in (select loaded.organisation_role from loaded)
),

history as (
    select
        organisation_code,
        organisation_name,
        organisation_role,
        parent_code,
        valid_from,
        valid_to
    from {{ ref('organisation_history') }}
),

period as (
    select * from loaded
    where coalesce(valid_from <= valid_to, true)
    union all
    select * from embedded
    union all
    select * from history
),

successor as (
    select
        organisation_code,
        current_code
    from {{ ref('dim_organisation_successor') }}
),

office_area as (
    select
        icb_code,
        office_code
    from {{ ref('data_services_office_area') }}
),

final as (
    select
        period.organisation_code,
        {{ organisation_as_now('period.organisation_code') }} as current_code,
        period.organisation_name,
        period.organisation_role,
        period.parent_code,
        office_area.office_code as data_services_office_code,
        period.valid_from,
        period.valid_to,
        row_number() over (
            partition by period.organisation_code
            order by period.valid_from desc
        ) = 1 as is_latest
    from period
    left join successor using (organisation_code)
    left join office_area on period.parent_code = office_area.icb_code
)

select * from final
