-- From when to when an organisation gave care, as far as a register or a merger says so.
with loaded as (
    select
        organisation_code,
        opened_on,
        closed_on
    from {{ ref('stg_ods_organisation') }}
    where organisation_register in ('etr', 'epraccur')
),

merged as (
    select
        predecessor_code as organisation_code,
        -- a code that was split closes with its last part
        max(succeeded_on) - 1 as closed_on
    from {{ ref('organisation_successor') }}
    where succeeded_on is not null
    group by predecessor_code
),

embedded as (
    select
        organisation_code,
        valid_from as opened_on,
        valid_to as closed_on
    from {{ ref('organisation') }}
    union all
    -- one row for each commissioner that a practice belonged to
    select
        practice_code as organisation_code,
        min(valid_from) as opened_on,
        nullif(max(coalesce(valid_to, 'infinity')), 'infinity') as closed_on
    from {{ ref('gp_practice') }}
    group by practice_code
),

listed as (
    select * from loaded
    union all
    select *
    from embedded
    where organisation_code not in (select loaded.organisation_code from loaded)
),

final as (
    select
        coalesce(listed.organisation_code, merged.organisation_code) as organisation_code,
        listed.opened_on,
        coalesce(listed.closed_on, merged.closed_on) as closed_on
    from listed
    full join merged on listed.organisation_code = merged.organisation_code
)

select * from final
