-- How often patients who were discharged from a provider come back to any hospital as an emergency
-- within 30 days.
select
    stay.last_provider_code as provider_code,
    count(*) as discharges,
    count(readmission.index_continuous_inpatient_spell_key) as readmissions,
    round(
        100.0 * count(readmission.index_continuous_inpatient_spell_key) / count(*), 1
    ) as readmissions_per_100_discharges
from {{ ref('fct_continuous_inpatient_spell') }} as stay
left join {{ ref('fct_emergency_readmission') }} as readmission
    on stay.continuous_inpatient_spell_key = readmission.index_continuous_inpatient_spell_key
where stay.is_readmission_index
group by stay.last_provider_code
order by
    discharges desc,
    provider_code asc
