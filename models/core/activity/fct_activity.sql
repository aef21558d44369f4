with

admitted as (
    select
        spell_key as activity_key,
        'admitted' as setting,
        person_key,
        is_person_established,
        age_band,
        sex,
        lsoa_code,
        gp_practice_code,
        provider_code,
        current_provider_code,
        commissioner_code,
        administrative_category,
        source_of_admission,
        treatment_function_code,
        residence_class,
        justice_hub_code,
        overseas_visitor_status,
        overseas_charging_category,
        service_codes,
        diagnoses,
        main_procedures,
        point_of_delivery,
        coalesce(discharge_date, admission_date) as activity_date,
        discharge_date is not null as is_complete,
        coalesce(length_of_stay_days, 0) as bed_days
    from {{ ref('fct_apc_spell') }}
),

outpatient as (
    select
        record_key as activity_key,
        'outpatient' as setting,
        person_key,
        is_person_established,
        age_band,
        sex,
        lsoa_code,
        gp_practice_code,
        provider_code,
        current_provider_code,
        commissioner_code,
        administrative_category,
        null::varchar as source_of_admission,
        treatment_function_code,
        residence_class,
        justice_hub_code,
        overseas_visitor_status,
        overseas_charging_category,
        case when service_code is null then []::varchar[] else [service_code] end as service_codes,
        []::varchar[] as diagnoses,
        case
            when primary_procedure is null then []::varchar[]
            else [{{ procedure_code('primary_procedure') }}]
        end as main_procedures,
        point_of_delivery,
        appointment_date as activity_date,
        is_attended as is_complete,
        0 as bed_days
    from {{ ref('fct_outpatient_appointment') }}
),

emergency as (
    select
        record_key as activity_key,
        'emergency' as setting,
        person_key,
        is_person_established,
        age_band,
        sex,
        lsoa_code,
        gp_practice_code,
        provider_code,
        current_provider_code,
        commissioner_code,
        null::varchar as administrative_category,
        null::varchar as source_of_admission,
        null::varchar as treatment_function_code,
        residence_class,
        justice_hub_code,
        null::varchar as overseas_visitor_status,
        null::varchar as overseas_charging_category,
        []::varchar[] as service_codes,
        []::varchar[] as diagnoses,
        []::varchar[] as main_procedures,
        point_of_delivery,
        arrival_date as activity_date,
        true as is_complete,
        0 as bed_days
    from {{ ref('fct_emergency_attendance') }}
),

counted as (
    select * from admitted
    union all
    select * from outpatient
    union all
    select * from emergency
),

provider as (
    select
        organisation_code,
        data_services_office_code
    from {{ ref('dim_organisation') }}
    where is_latest
),

final as (
    select
        counted.activity_key,
        counted.person_key,
        counted.setting,
        counted.is_person_established,
        counted.age_band,
        counted.sex,
        counted.lsoa_code,
        counted.gp_practice_code,
        counted.provider_code,
        counted.current_provider_code,
        coalesce(provider.data_services_office_code, 'unplaced') as data_services_office_code,
        counted.commissioner_code,
        counted.administrative_category,
        counted.source_of_admission,
        counted.treatment_function_code,
        counted.residence_class,
        counted.justice_hub_code,
        counted.overseas_visitor_status,
        counted.overseas_charging_category,
        counted.service_codes,
        counted.diagnoses,
        counted.main_procedures,
        counted.point_of_delivery,
        counted.is_complete,
        counted.activity_date,
        {{ financial_year('counted.activity_date') }} as financial_year,
        {{ financial_quarter('counted.activity_date') }} as financial_quarter,
        {{ calendar_month('counted.activity_date') }} as activity_month,

        counted.bed_days
    from counted
    left join provider
        on provider.organisation_code
            = coalesce(counted.current_provider_code, counted.provider_code)
)

select * from final
