-- Which procedures are done as day cases? By OPCS-4 category: episodes in which it was done, how
-- many of them belong to a day case, and in how many it was the main one.
select
    left(done.procedure_code, 3) as procedure_category,
    count(distinct episode.record_key) as episodes,
    count(distinct episode.record_key) filter (
        where spell.point_of_delivery = 'DC'
    ) as episodes_of_day_cases,
    count(distinct episode.record_key) filter (
        where done.sequence_number = 1
    ) as episodes_with_it_as_main_procedure
from {{ ref('brg_procedure') }} as done
inner join {{ ref('fct_apc_episode') }} as episode using (record_key)
inner join {{ ref('fct_apc_spell') }} as spell using (spell_key)
group by left(done.procedure_code, 3)
order by
    episodes desc,
    procedure_category asc
