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
        admission_date,
        discharge_ready_date,
        discharge_date,
        rehabilitation_days,
        specialist_palliative_care_days,
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

critical_care as (
    select
        spell_key,
        sum(critical_care_days)::bigint as critical_care_days
    from {{ ref('fct_critical_care') }}
    where spell_key is not null
    group by spell_key
),

spell as (
    select
        spell_key,
        min(admission_date) as admission_date,
        max(discharge_date) as discharge_date,
        count(*) as episode_count,
        -- how it ended is what its last episode says
        arg_max_null(discharge_method, order_in_spell) filter (where discharge_date is not null)
            as discharge_method,
        arg_max_null(discharge_destination, order_in_spell)
            filter (where discharge_date is not null) as discharge_destination,
        arg_max(discharge_ready_date, order_in_spell) as discharge_ready_date,
        -- the group of a spell of one episode is its episode's
        coalesce(
            arg_max(spell_hrg_code, order_in_spell),
            case when count(*) = 1 then max(hrg_code) end
        ) as hrg_code,
        coalesce(sum(rehabilitation_days), 0)::bigint as rehabilitation_days,
        coalesce(sum(specialist_palliative_care_days), 0)::bigint
            as specialist_palliative_care_days,
        max(withheld_identity_reason) as withheld_identity_reason,
        list_sort(list(distinct primary_diagnosis)) as diagnoses,
        list_sort(
            coalesce(
                list(distinct primary_procedure) filter (where primary_procedure is not null), []
            )
        ) as main_procedures,
        -- One specialised episode makes the whole spell specialised (Commissioner Assignment
        -- Method, box C-0).
        list_sort(
            coalesce(list(distinct service_code) filter (where service_code is not null), [])
        ) as service_codes
    from episode
    group by spell_key
),

first_episode as (
    select
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
        commissioner_code,
        administrative_category,
        overseas_visitor_status,
        overseas_charging_category,
        patient_classification,
        admission_method,
        source_of_admission,
        treatment_function_code,
        primary_diagnosis,
        primary_procedure
    from episode
    where order_in_spell = 1
),

measured as (
    select
        spell.*,
        date_diff('day', spell.admission_date, spell.discharge_date) as length_of_stay_days,
        coalesce(critical_care.critical_care_days, 0) as critical_care_days,
        {{ adjusted_length_of_stay(
            "date_diff('day', spell.admission_date, spell.discharge_date)",
            [
                'coalesce(critical_care.critical_care_days, 0)',
                'spell.rehabilitation_days',
                'spell.specialist_palliative_care_days'
            ]
        ) }} as adjusted_length_of_stay_days
    from spell
    left join critical_care using (spell_key)
),

final as (
    select
        first_episode.spell_key,
        first_episode.person_key,

        first_episode.is_person_established,
        first_episode.age_band,
        first_episode.sex,
        first_episode.lsoa_code,
        first_episode.residence_class,
        first_episode.justice_hub_code,
        first_episode.ethnic_category,
        first_episode.gp_practice_code,
        first_episode.provider_code,
        first_episode.commissioner_code,
        first_episode.administrative_category,
        first_episode.overseas_visitor_status,
        first_episode.overseas_charging_category,
        first_episode.patient_classification,
        first_episode.admission_method,
        first_episode.source_of_admission,
        {{ admitted_point_of_delivery(
            'first_episode.patient_classification',
            'first_episode.admission_method',
            'measured.adjusted_length_of_stay_days'
        ) }} as point_of_delivery,
        first_episode.treatment_function_code,
        first_episode.primary_diagnosis,
        first_episode.primary_procedure,
        measured.discharge_method,
        measured.discharge_destination,
        measured.withheld_identity_reason,
        measured.diagnoses,
        measured.main_procedures,
        measured.service_codes,
        measured.hrg_code,

        measured.admission_date,
        measured.discharge_ready_date,
        measured.discharge_date,

        measured.episode_count,
        measured.length_of_stay_days,
        measured.critical_care_days,
        measured.rehabilitation_days,
        measured.specialist_palliative_care_days,
        measured.adjusted_length_of_stay_days,
        {{ delayed_days('measured.discharge_ready_date', 'measured.discharge_date') }} as delayed_days
    from first_episode
    inner join measured using (spell_key)
)

select * from final
