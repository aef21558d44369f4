-- Under which code, name and board did a provider give care, and which organisation is that today?
select
    episode.provider_code,
    provider.organisation_name,
    provider.parent_code as board_code,
    episode.current_provider_code,
    count(*) as episodes
from {{ ref('fct_apc_episode') }} as episode
left join {{ ref('dim_organisation') }} as provider
    on
        episode.provider_code = provider.organisation_code
        and {{ in_force('provider.valid_from', 'provider.valid_to', 'episode.episode_end_date') }}
group by
    episode.provider_code,
    provider.organisation_name,
    provider.parent_code,
    episode.current_provider_code
order by
    episodes desc,
    episode.provider_code asc
