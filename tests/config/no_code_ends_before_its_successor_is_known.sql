-- What: every organisation whose last period has ended, as its seed says, has a successor or is a
-- trust or provider that closed; a commissioner never vanishes.
-- When it matters: when seeds/reference/organisation or organisation_history changes.
-- How to resolve: enter who took its work on in seeds/reference/organisation_successor.
select organisation.organisation_code
from {{ ref('dim_organisation') }} as organisation
left join {{ ref('dim_organisation_successor') }} as successor
    on organisation.organisation_code = successor.organisation_code
where
    organisation.is_latest
    and organisation.valid_to < {{ release_date() }}
    and organisation.organisation_role in ('ccg', 'stp', 'sub_icb', 'icb')
    and successor.organisation_code is null
