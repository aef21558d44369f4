with

record as (
    select
        submission_id,
        source_row,
        record_key,
        person_key,
        is_person_established,
        age_band,
        sex,
        lsoa_code
    from {{ ref('idn_record') }}
    where feed = 'patient_level_contract_monitoring_line'
),

line as (
    select
        submission_id,
        source_row,
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
    from {{ ref('stg_patient_level_contract_monitoring_line') }}
),

final as (
    select
        record.record_key,
        record.person_key,
        record.is_person_established,
        record.age_band,
        record.sex,
        record.lsoa_code,
        line.ethnic_category,
        line.gp_practice_code,
        line.provider_code,
        line.site_code,
        line.commissioner_code,
        line.point_of_delivery,
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
    inner join record using (submission_id, source_row)
)

select * from final
