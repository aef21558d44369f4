-- Planted faults, in every file but that of the other faults: a finished episode without its end, an
-- episode at a site of a trust that had merged, which went elsewhere than its trust, and the postcode
-- that stands for no fixed abode (1 row each). Reads: seed_organisation_successor. Reads and changes: file_row.
create or replace temp table faulty as
with plain as (
    select
        cds_unique_identifier,
        row_number() over (order by cds_unique_identifier) as ordinal
    from file_row
    where
        is_plain
        and discharge_date <> ''
        and postcode <> ''
        -- a code that the law restricts must stay
        and treatment_function_code not in ('501', '502')
        and not getvariable('is_fault_month')
),

-- a site that did not go where the rest of its trust went
moved_site as (
    select
        trust.predecessor_code as provider_code,
        site.predecessor_code as site_code
    from seed_organisation_successor as site
    inner join seed_organisation_successor as trust
        on
            site.predecessor_code[:3] = trust.predecessor_code
            and site.successor_code <> trust.successor_code
    where
        len(site.predecessor_code) = 5
        and greatest(site.succeeded_on, trust.succeeded_on) < getvariable('first_day')
    order by site.predecessor_code
    limit 1
)

select
    plain.cds_unique_identifier,
    case plain.ordinal
        when 1 then 'a finished episode without its end'
        when 2 then 'a site of a trust that had merged'
        else 'a postcode of no fixed abode'
    end as fault,
    moved_site.provider_code,
    moved_site.site_code
from plain
left join moved_site on plain.ordinal = 2
where plain.ordinal in (1, 3) or moved_site.site_code is not null;

insert into fault_key
select unnest(planted(
    faulty.fault, faulty.cds_unique_identifier, expected.caught_by, expected.caught_as
))
from faulty
inner join (
    values
    ('a finished episode without its end', 'stg_quality_finding', 'episode_end_date missing_end'),
    ('a site of a trust that had merged', 'stg_quality_finding', 'site_code organisation_closed'),
    (
        'a site of a trust that had merged', 'stg_quality_finding',
        'provider_code organisation_closed'
    ),
    ('a postcode of no fixed abode', 'stg_quality_item', 'postcode')
) as expected (fault, caught_by, caught_as) on faulty.fault = expected.fault;

update file_row
set
    episode_end_date = if(
        faulty.fault = 'a finished episode without its end', '', file_row.episode_end_date
    ),
    postcode = if(faulty.fault = 'a postcode of no fixed abode', 'ZZ99 3VZ', file_row.postcode),
    provider_code = coalesce(faulty.provider_code, file_row.provider_code),
    site_code = coalesce(faulty.site_code, file_row.site_code),
    is_plain = false
from faulty
where file_row.cds_unique_identifier = faulty.cds_unique_identifier;
