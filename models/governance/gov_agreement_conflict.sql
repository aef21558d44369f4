-- Records with opt-outs and without lie side by side where one body holds both: who is in one only
-- has objected. What was given is held until it must be destroyed: under earlier versions too, and
-- by those that left, until they certify that they destroyed it.
with

version as (
    select
        agreement_id,
        agreement_version,
        opt_out_regime,
        field_list,
        starts_on,
        retained_until,
        period_start,
        period_end
    from {{ ref('data_sharing_agreement') }}
),

judged_version as (
    select
        agreement_id,
        agreement_version
    from {{ ref('gov_agreement_version') }}
),

record_field as (
    select distinct
        field_list,
        table_name
    from {{ ref('agreement_field') }}
    where table_name in ('apc_spell', 'emergency_attendance')
),

party as (
    select
        agreement_id,
        agreement_version,
        organisation_code,
        joined_on,
        left_on,
        data_destroyed_on
    from {{ ref('agreement_party') }}
    where joined_on <= {{ release_date() }}
),

held as (
    select
        version.agreement_id,
        version.agreement_version,
        version.opt_out_regime,
        version.starts_on,
        version.retained_until,
        version.period_start,
        version.period_end,
        record_field.table_name,
        party.organisation_code,
        party.left_on,
        party.data_destroyed_on
    from version
    inner join record_field using (field_list)
    inner join party using (agreement_id, agreement_version)
),

final as (
    select distinct judged.agreement_id
    from held as judged
    inner join judged_version using (agreement_id, agreement_version)
    inner join held as other
        on
            judged.organisation_code = other.organisation_code
            and judged.table_name = other.table_name
            and judged.period_start <= other.period_end
            and judged.period_end >= other.period_start
    where
        judged.opt_out_regime <> other.opt_out_regime
        and coalesce(judged.left_on >= {{ release_date() }}, true)
        and {{ in_force('other.starts_on', 'other.retained_until', release_date()) }}
        and coalesce(other.data_destroyed_on > {{ release_date() }}, true)
)

select * from final
