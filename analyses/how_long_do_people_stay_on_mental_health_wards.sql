-- How long do people stay on mental health wards, and on how many wards? Spells that have ended.
with

ward as (
    select
        spell_record_key,
        count(*) as wards
    from {{ ref('fct_mental_health_ward_stay') }}
    where link_status = 'linked'
    group by spell_record_key
)

select
    spell.provider_code,
    count(*) as spells,
    median(spell.length_of_stay) as median_length_of_stay,
    max(spell.length_of_stay) as longest_length_of_stay,
    avg(ward.wards) as wards_per_spell
from {{ ref('fct_mental_health_spell') }} as spell
left join ward
    on spell.record_key = ward.spell_record_key
where spell.discharge_date is not null
group by spell.provider_code
order by spell.provider_code asc
