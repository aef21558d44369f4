with

line as (
    select
        record_key,
        person_key,
        is_person_established,
        age_band,
        sex,
        lsoa_code,
        ethnic_category,
        gp_practice_code,
        provider_code,
        site_code,
        commissioner_code,
        point_of_delivery,
        treatment_function_code,
        healthcare_resource_group,
        withheld_identity_reason,
        contract_month,
        activity_date,
        activity,
        unit_price,
        market_forces_factor,
        total_cost
    from {{ ref('hnd_patient_level_contract_monitoring_line') }}
),

person as (
    select
        person_key,
        surviving_person_key
    from {{ ref('dim_person') }}
),

final as (
    select
        line.record_key,
        coalesce(person.surviving_person_key, line.person_key) as person_key,
        line.is_person_established,
        line.age_band,
        line.sex,
        line.lsoa_code,
        line.ethnic_category,
        line.gp_practice_code,
        line.provider_code,
        line.site_code,
        line.commissioner_code,
        line.point_of_delivery,
        line.point_of_delivery in ('DRUG', 'DEVICE') as is_drug_or_device,
        line.treatment_function_code,
        line.healthcare_resource_group,
        line.withheld_identity_reason,
        line.contract_month,
        line.activity_date,
        line.activity,
        line.unit_price,
        line.market_forces_factor,
        line.total_cost
    from line
    left join person using (person_key)
)

select * from final
