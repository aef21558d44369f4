{% set by_provider = activity_by_provider_coordinates() %}
{% set by_age_sex = activity_by_age_sex_coordinates() %}

with

provider_of_total as (
    {{ total_relation('cube_activity_by_provider', by_provider, 'provider', 'provider', false) }}
),

month_of_quarter as (
    {{ total_relation('cube_activity_by_provider', by_provider, 'month', 'month', false) }}
),

point_of_delivery_of_total as (
    {{ total_relation(
        'cube_activity_by_provider', by_provider, 'point_of_delivery', 'point_of_delivery', false
    ) }}
    union
    {{ total_relation(
        'cube_activity_by_age_sex', by_age_sex, 'point_of_delivery', 'point_of_delivery', false
    ) }}
),

sub_icb_of_icb as (
    {{ total_relation('cube_activity_by_provider', by_provider, 'sub_icb', 'sub_icb', false) }}
    union
    {{ total_relation('cube_activity_by_age_sex', by_age_sex, 'sub_icb', 'sub_icb', false) }}
),

icb_of_nation as (
    {{ total_relation(
        'cube_activity_by_provider', by_provider, 'icb', 'icb', false, "sub_icb_code = 'ALL'"
    ) }}
    union
    {{ total_relation(
        'cube_activity_by_age_sex', by_age_sex, 'icb', 'icb', false, "sub_icb_code = 'ALL'"
    ) }}
),

age_band_of_total as (
    {{ total_relation('cube_activity_by_age_sex', by_age_sex, 'age_band', 'age_band', true) }}
),

sex_of_total as (
    {{ total_relation('cube_activity_by_age_sex', by_age_sex, 'sex', 'sex', true) }}
),

final as (
    select * from provider_of_total
    union all
    select * from month_of_quarter
    union all
    select * from point_of_delivery_of_total
    union all
    select * from sub_icb_of_icb
    union all
    select * from icb_of_nation
    union all
    select * from age_band_of_total
    union all
    select * from sex_of_total
)

select * from final
