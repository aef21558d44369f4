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
    where feed = 'referral_to_treatment_pathway'
),

pathway as (
    select
        submission_id,
        source_row,
        patient_pathway_identifier,
        ethnic_category,
        gp_practice_code,
        provider_code,
        commissioner_code,
        record_kind,
        treatment_function_code,
        period_status,
        withheld_identity_reason,
        referral_request_received_date,
        clock_start_date,
        decision_to_admit_date,
        clock_stop_date
    from {{ ref('stg_referral_to_treatment_pathway') }}
),

final as (
    select
        record.record_key,
        record.person_key,
        coalesce(
            {{ linked_record_key(
                'referral to treatment pathway', 'pathway', 'patient_pathway_identifier'
            ) }},
            record.record_key
        ) as pathway_key,

        record.is_person_established,
        record.age_band,
        record.sex,
        record.lsoa_code,
        pathway.ethnic_category,
        pathway.gp_practice_code,
        pathway.provider_code,
        pathway.commissioner_code,
        pathway.record_kind,
        pathway.treatment_function_code,
        pathway.period_status,
        pathway.withheld_identity_reason,

        pathway.referral_request_received_date,
        pathway.clock_start_date,
        pathway.decision_to_admit_date,
        pathway.clock_stop_date
    from pathway
    inner join record using (submission_id, source_row)
)

select * from final
