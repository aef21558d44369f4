-- What: the spells hold exactly the episodes there are.
-- When it matters: on every build; commissioners count and pay for spells, not episodes.
-- How to resolve: look for a spell key that joins two people or is empty.
with

episode as (
    select count(*) as episodes
    from {{ ref('fct_apc_episode') }}
),

spell as (
    select sum(episode_count) as episodes
    from {{ ref('fct_apc_spell') }}
)

select
    episode.episodes,
    spell.episodes as episodes_in_spells
from episode
cross join spell
where episode.episodes <> coalesce(spell.episodes, 0)
