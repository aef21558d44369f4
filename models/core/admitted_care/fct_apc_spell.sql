with

episode as (
    select
        record_key,
        spell_key,
        person_key,
        is_person_established,
        age_band,
        sex,
        lsoa_code,
        residence_class,
        justice_hub_code,
        ethnic_category,
        gp_practice_code,
        provider_code,
        current_provider_code,
        commissioner_code,
        administrative_category,
        overseas_visitor_status,
        overseas_charging_category,
        patient_classification,
        admission_method,
        source_of_admission,
        discharge_method,
        discharge_destination,
        treatment_function_code,
        primary_diagnosis,
        primary_procedure,
        withheld_identity_reason,
        service_code,
        hrg_code,
        spell_hrg_code,
        discharge_date,
        row_number() over (
            partition by spell_key
            order by
                episode_start_date nulls last,
                episode_end_date nulls last,
                episode_number nulls last,
                record_key
        ) as order_in_spell
    from {{ ref('fct_apc_episode') }}
),

stay as (
    select
        spell_key,
        admission_date,
        discharge_ready_date,
        discharge_date,
        length_of_stay_days,
        critical_care_days,
        rehabilitation_days,
        specialist_palliative_care_days,
        adjusted_length_of_stay_days,
        delayed_days
    from {{ ref('fct_apc_spell_stay') }}
),

spell as (
    select
        spell_key,
        arg_min(record_key, order_in_spell) as first_episode_key,
        count(*) as episode_count,
        -- how it ended is what its last episode says
        arg_max_null(discharge_method, order_in_spell) filter (
            where discharge_date is not null
        ) as discharge_method,
        arg_max_null(discharge_destination, order_in_spell) filter (
            where discharge_date is not null
        ) as discharge_destination,
        -- the group of a spell of one episode is its episode's
        coalesce(
            arg_max(spell_hrg_code, order_in_spell),
            case when count(*) = 1 then max(hrg_code) end
        ) as hrg_code,
        max(withheld_identity_reason) as withheld_identity_reason,
        list_sort(list_distinct(list({{ diagnosis_code('primary_diagnosis') }}))) as diagnoses,
        list_sort(list_distinct(list({{ procedure_code('primary_procedure') }})))
            as main_procedures,
        -- One specialised episode makes the whole spell specialised (Commissioner Assignment
        -- Method, box C-0).
        list_sort(list_distinct(list(service_code))) as service_codes
    from episode
    group by spell_key
),

final as (
    select
        episode.spell_key,
        episode.person_key,
        spell.first_episode_key,

        episode.is_person_established,
        episode.age_band,
        episode.sex,
        episode.lsoa_code,
        episode.residence_class,
        episode.justice_hub_code,
        episode.ethnic_category,
        episode.gp_practice_code,
        episode.provider_code,
        episode.current_provider_code,
        episode.commissioner_code,
        episode.administrative_category,
        episode.overseas_visitor_status,
        episode.overseas_charging_category,
        episode.patient_classification,
        episode.admission_method,
        episode.source_of_admission,
        {{ admitted_point_of_delivery(
            'episode.patient_classification',
            'episode.admission_method',
            'stay.adjusted_length_of_stay_days'
        ) }} as point_of_delivery,
        episode.treatment_function_code,
        episode.primary_diagnosis,
        episode.primary_procedure,
        spell.discharge_method,
        spell.discharge_destination,
        spell.withheld_identity_reason,
        spell.diagnoses,
        spell.main_procedures,
        spell.service_codes,
        spell.hrg_code,

        stay.admission_date,
        stay.discharge_ready_date,
        stay.discharge_date,

        spell.episode_count,
        stay.length_of_stay_days,
        stay.critical_care_days,
        stay.rehabilitation_days,
        stay.specialist_palliative_care_days,
        stay.adjusted_length_of_stay_days,
        stay.delayed_days
    from episode
    inner join spell using (spell_key)
    inner join stay using (spell_key)
    where episode.order_in_spell = 1
)

select * from final
