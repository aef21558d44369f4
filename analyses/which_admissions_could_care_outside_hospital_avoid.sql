-- Which emergency admissions could care outside hospital avoid, and at what price? By condition.
-- Prices are invented (seed hrg_price): no amount here is what anybody pays.
select
    avoidable.condition_group,
    avoidable.condition,
    count(*) as admissions,
    sum(spell.length_of_stay_days) as bed_days,
    count(price.total_pounds) as priced_admissions,
    sum(price.total_pounds) as total_pounds
from {{ ref('brg_ambulatory_care_sensitive') }} as avoidable
inner join {{ ref('fct_apc_spell') }} as spell using (spell_key)
left join {{ ref('fct_activity_price') }} as price
    on avoidable.spell_key = price.activity_key
group by
    avoidable.condition_group,
    avoidable.condition
order by
    admissions desc,
    avoidable.condition_group asc,
    avoidable.condition asc
