-- What: the regional office of a published relationship is the one that processes the area's data.
-- When it matters: when either seed changes.
-- How to resolve: correct the relationship or data_services_office_area.
with

relationship as (
    select
        relationship_id,
        commissioner_code,
        data_services_regional_office
    from {{ ref('legitimate_commissioning_relationship') }}
),

area_office as (
    select
        sub_icb.sub_icb_code,
        office.office_name
    from {{ ref('sub_icb') }} as sub_icb
    inner join {{ ref('data_services_office_area') }} as area
        on sub_icb.icb_code = area.icb_code
    inner join {{ ref('data_services_office') }} as office
        on area.office_code = office.office_code
)

select
    relationship.relationship_id,
    relationship.data_services_regional_office,
    area_office.office_name
from relationship
inner join area_office on relationship.commissioner_code = area_office.sub_icb_code
where relationship.data_services_regional_office <> area_office.office_name
