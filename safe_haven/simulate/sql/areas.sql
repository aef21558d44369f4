-- Where people live and who treats them: areas, postcodes, practices and providers of this world.
-- Reads the reference seeds (tables seed_*) and the variables icb_codes and postcodes_per_lsoa.

create or replace table world_icb as
select
    row_number() over (order by ordinal) - 1 as icb_index,
    icb_code
from (
    select
        unnest(getvariable('icb_codes')) as icb_code,
        unnest(range(len(getvariable('icb_codes')))) as ordinal
);

-- Shares are whole numbers, uneven between boards and uneven inside a board, so that the world has
-- both large and small cells.
create or replace table area as
with weighted as (
    select
        sub_icb.sub_icb_code,
        sub_icb.icb_code,
        sub_icb.region_code,
        world_icb.icb_index,
        1000 + below('icb share', sub_icb.icb_code, 1000) as icb_weight,
        20 + below('area share', sub_icb.sub_icb_code, 80) as area_weight
    from seed_sub_icb as sub_icb
    inner join world_icb on sub_icb.icb_code = world_icb.icb_code
),

shared as (
    select
        sub_icb_code,
        icb_code,
        region_code,
        icb_index,
        icb_weight * 1000 * area_weight
        // sum(area_weight) over (partition by icb_code) as weight
    from weighted
)

select
    row_number() over (order by icb_index, sub_icb_code) - 1 as area_index,
    row_number() over (partition by icb_code order by sub_icb_code) - 1 as rank_in_icb,
    count(*) over (partition by icb_code) as areas_in_icb,
    sub_icb_code,
    icb_code,
    region_code,
    icb_index,
    (sum(weight) over (order by icb_index, sub_icb_code) - weight)::bigint as starts_at,
    (sum(weight) over ())::bigint as total_weight
from shared;

-- Invented postcodes over real areas: the letters AC to AK begin no British postcode area.
create or replace table postcode as
with placed as (
    select
        area.area_index,
        lsoa.lsoa_code,
        area.region_code,
        row_number() over (
            partition by area.region_code order by area.sub_icb_code, lsoa.lsoa_code
        ) - 1 as lsoa_in_region
    from seed_lsoa_2011 as lsoa
    left join seed_ccg_2021_merger as merger on lsoa.ccg_2020_code = merger.ccg_2020_code
    inner join area
        on coalesce(merger.sub_icb_code, lsoa.ccg_2020_code) = area.sub_icb_code
),

numbered as (
    select
        area_index,
        lsoa_code,
        region_code,
        lsoa_in_region // 25 as district,
        (lsoa_in_region % 25) * 40 + unnest(range(getvariable('postcodes_per_lsoa'))) as unit
    from placed
)

select
    area_index,
    row_number() over (partition by area_index order by district, unit) - 1 as index_in_area,
    lsoa_code,
    concat(
        map {
            'Y56': 'AC', 'Y58': 'AD', 'Y59': 'AE', 'Y60': 'AF', 'Y61': 'AG',
            'Y62': 'AH', 'Y63': 'AK'
        }[region_code],
        district + 1,
        ' ',
        unit // 100,
        substr('ABDEFGHJLNPQRSTUWXYZ', 1 + ((unit % 100) // 20)::integer, 1),
        substr('ABDEFGHJLNPQRSTUWXYZ', 1 + (unit % 20)::integer, 1)
    ) as postcode
from numbered;

create or replace table practice as
select
    area.area_index,
    row_number() over (partition by area.area_index order by gp.practice_code) - 1
        as index_in_area,
    gp.practice_code,
    area.sub_icb_code
from seed_gp_practice as gp
inner join area on gp.sub_icb_code = area.sub_icb_code
where gp.valid_to is null;

-- Providers: up to two general hospitals of each board. The register has no column that says what
-- a trust does, so the others are named: by what their names say, and by code where they do not.
create or replace table trust as
with general as (
    select
        org.organisation_code,
        world_icb.icb_code,
        world_icb.icb_index,
        row_number() over (partition by world_icb.icb_code order by org.organisation_code) - 1
            as rank_in_icb
    from seed_organisation as org
    inner join world_icb on org.parent_code = world_icb.icb_code
    where
        org.organisation_role = 'trust'
        and org.valid_to is null
        and not regexp_matches(
            org.organisation_name,
            'Ambulance|Mental|Community|Partnership|Health and Care |Healthcare NHS Foundation '
            || 'Trust$|Orthopaedic|Eye|Women|Child|Cancer|Heart|Walton|Christie|Marsden|'
            || 'Queen Victoria|Papworth|Integrated Health'
        )
        and org.organisation_code not in (
            'G6V2S', 'R1L', 'RAT', 'RKL', 'RMY', 'RNK', 'RNU', 'RP1', 'RPG', 'RRE', 'RT2', 'RV3',
            'RV5', 'RV9', 'RW4', 'RW5', 'RWK', 'RX3', 'RX4', 'RXE', 'RXM', 'RHA', 'RLY', 'RT1',
            'RDY'
        )
)

select
    organisation_code as provider_code,
    icb_code,
    icb_index,
    rank_in_icb,
    row_number() over (order by icb_index, rank_in_icb) - 1 as trust_index
from general
where rank_in_icb < 2;

create or replace table independent as
select
    org.organisation_code as provider_code,
    org.parent_code as icb_code,
    row_number() over (order by org.organisation_code) - 1 as independent_index
from seed_organisation as org
where org.organisation_role = 'independent_provider';

-- The trusts of an area's board, the one that its largest practice refers to (its rank in the
-- board), and the independent provider near to it.
create or replace table area_provider as
select
    area.area_index,
    icb_trusts.first_trust_index,
    icb_trusts.trusts_in_icb,
    area.rank_in_icb % icb_trusts.trusts_in_icb as trust_rank,
    coalesce(local.provider_code, elsewhere.provider_code) as independent_code
from area
inner join (
    select
        icb_code,
        min(trust_index) as first_trust_index,
        count(*) as trusts_in_icb
    from trust
    group by icb_code
) as icb_trusts on area.icb_code = icb_trusts.icb_code
left join independent as local on area.icb_code = local.icb_code
left join independent as elsewhere
    on area.icb_index % (select count(*) from independent) = elsewhere.independent_index;

-- The mental health trust and the community trust of each board: the first that its name says is
-- one; a board without one of its own is served from another board.
create or replace table board_provider as
with named as (
    select
        organisation_code,
        parent_code as icb_code,
        regexp_matches(organisation_name, 'Mental|Partnership') as is_mental_health,
        regexp_matches(organisation_name, 'Community') as is_community
    from seed_organisation
    where organisation_role = 'trust' and valid_to is null
),

elsewhere as (
    select
        list(organisation_code order by organisation_code) filter (where is_mental_health)
            as mental_health_codes,
        list(organisation_code order by organisation_code) filter (where is_community)
            as community_codes
    from named
),

own as (
    select
        icb_code,
        min(organisation_code) filter (where is_mental_health) as mental_health_code,
        min(organisation_code) filter (where is_community) as community_code
    from named
    group by icb_code
)

select
    world_icb.icb_index,
    coalesce(
        own.mental_health_code,
        elsewhere.mental_health_codes[1 + world_icb.icb_index % len(elsewhere.mental_health_codes)]
    ) as mental_health_code,
    coalesce(
        own.community_code,
        elsewhere.community_codes[1 + world_icb.icb_index % len(elsewhere.community_codes)]
    ) as community_code
from world_icb
left join own on world_icb.icb_code = own.icb_code
cross join elsewhere;
