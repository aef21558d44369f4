-- What must come of the planted records, worked out from the places and lists of this world.
-- Reads: planted, file_row, places and seeds; variables case_feed, case_submission.
insert into commissioner_key
with place as (
    select
        postcode,
        lsoa_code
    from postcode
    union all
    select
        postcode,
        lsoa_code
    from special_place
),

provider as (
    select
        provider_code,
        icb_code
    from trust
    union all
    select
        provider_code,
        icb_code
    from independent
),

host as (
    select
        provider.provider_code,
        min(seed_sub_icb.sub_icb_code) as sub_icb_code
    from provider
    inner join seed_sub_icb on provider.icb_code = seed_sub_icb.icb_code
    group by provider.provider_code
),

located as (
    select
        planted.*,
        practice.sub_icb_code as practice_code_of,
        coalesce(merger.sub_icb_code, lsoa.ccg_2020_code) as residence_code_of,
        lsoa.local_authority_code,
        host.sub_icb_code as host_code_of,
        -- practice, residence or host, whose hub or region is meant
        case
            when ends_with(planted.payer, 'practice') then practice.sub_icb_code
            when ends_with(planted.payer, 'residence')
                then coalesce(merger.sub_icb_code, lsoa.ccg_2020_code)
            when ends_with(planted.payer, 'host') then host.sub_icb_code
        end as sub_icb_code
    from planted
    inner join file_row on planted.cds_unique_identifier = file_row.cds_unique_identifier
    left join seed_gp_practice as practice on file_row.gp_practice_code = practice.practice_code
    left join place on file_row.postcode = place.postcode
    left join seed_lsoa_2011 as lsoa on place.lsoa_code = lsoa.lsoa_code
    left join seed_ccg_2021_merger as merger on lsoa.ccg_2020_code = merger.ccg_2020_code
    left join host on file_row.provider_code = host.provider_code
)

select
    located.case_id,
    located.feed,
    getvariable('case_submission') as submission_id,
    located.cds_unique_identifier,
    located.cam_version,
    located.box,
    located.answer,
    located.basis,
    case
        when located.payer in ('practice', 'residence', 'host') then located.sub_icb_code
        when starts_with(located.payer, 'hub_of_') then direct.specialised_hub_code
        when starts_with(located.payer, 'region_of_') then direct.region_code
        when starts_with(located.payer, 'justice_hub_of_') then direct.justice_hub_code
        when located.payer = 'local_authority' then located.local_authority_code
        else located.payer
    end as commissioner_code
from located
left join seed_direct_commissioner as direct
    on
        located.sub_icb_code = direct.sub_icb_code
        and direct.valid_from
        <= if(located.cam_version = '2024/25', date '2024-04-01', date '2025-04-01')
        and coalesce(direct.valid_to, date '9999-12-31')
        >= if(located.cam_version = '2024/25', date '2024-04-01', date '2025-04-01');
