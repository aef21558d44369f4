-- Sub-ICB locations, from the register of commissioners where one is loaded, else from the seed.
with

loaded as (
    select
        organisation_code as sub_icb_code,
        health_geography_code as icb_code,
        national_grouping_code as region_code
    from {{ ref('hnd_ods_organisation') }}
    where
        organisation_register = 'eccg'
        and organisation_sub_type = 'C'
        and {{ in_force('opened_on', 'closed_on', release_date()) }}
),

embedded as (
    select
        sub_icb_code,
        icb_code,
        region_code
    from {{ ref('sub_icb') }}
    where not exists (select 1 from loaded)
),

final as (
    select
        sub_icb_code,
        icb_code,
        region_code
    from loaded
    union all
    select
        sub_icb_code,
        icb_code,
        region_code
    from embedded
)

select * from final
