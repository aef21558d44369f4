-- Do sicker and frailer patients come back more often within 30 days? By the Charlson score and the
-- hospital frailty risk of the last spell of the stay that they were discharged from.
with

last_spell as (
    select
        continuous_inpatient_spell_key,
        arg_max(spell_key, spell_number) as spell_key
    from {{ ref('brg_continuous_inpatient_spell') }}
    group by continuous_inpatient_spell_key
)

select
    risk.frailty_risk,
    risk.charlson_score,
    count(*) as discharges,
    count(readmission.index_continuous_inpatient_spell_key) as readmissions,
    round(
        100.0 * count(readmission.index_continuous_inpatient_spell_key) / count(*), 1
    ) as readmissions_per_100_discharges
from {{ ref('fct_continuous_inpatient_spell') }} as stay
inner join last_spell using (continuous_inpatient_spell_key)
inner join {{ ref('fct_apc_spell_risk') }} as risk
    on last_spell.spell_key = risk.spell_key
left join {{ ref('fct_emergency_readmission') }} as readmission
    on stay.continuous_inpatient_spell_key = readmission.index_continuous_inpatient_spell_key
where stay.is_readmission_index
group by
    risk.frailty_risk,
    risk.charlson_score
order by
    risk.frailty_risk asc,
    risk.charlson_score asc
