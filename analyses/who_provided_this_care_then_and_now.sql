-- Under which code, name and board did a provider give care, and which organisation is that today?
select
    episode.provider_code,
    organisation.organisation_name,
    organisation.parent_code as board_code,
    episode.current_provider_code,
    count(*) as episodes
from {{ ref('fct_apc_episode') }} as episode
left join {{ ref('dim_organisation') }} as organisation
    on
        episode.provider_code = organisation.organisation_code
        and {{ in_force(
            'organisation.valid_from', 'organisation.valid_to', 'episode.episode_end_date'
        ) }}
group by
    episode.provider_code,
    organisation.organisation_name,
    organisation.parent_code,
    episode.current_provider_code
order by
    episodes desc,
    episode.provider_code asc
