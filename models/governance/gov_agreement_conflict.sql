-- Records with opt-outs and without lie side by side where one body holds both: who is in one only
-- has objected. What was given is held until it must be destroyed.
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
        organisation_code
    from {{ ref('agreement_party') }}
),

held as (
    select
        version.agreement_id,
        version.opt_out_regime,
        version.starts_on,
        version.retained_until,
        version.period_start,
        version.period_end,
        record_field.table_name,
        party.organisation_code
    from version
    inner join record_field using (field_list)
    inner join party using (agreement_id, agreement_version)
),

final as (
    select distinct honouring.agreement_id
    from held as honouring
    inner join held as other
        on
            honouring.organisation_code = other.organisation_code
            and honouring.table_name = other.table_name
            and honouring.agreement_id <> other.agreement_id
            and honouring.period_start <= other.period_end
            and honouring.period_end >= other.period_start
    where
        honouring.opt_out_regime = 'applied'
        and other.opt_out_regime = 'not_applied'
        and {{ in_force('other.starts_on', 'other.retained_until', release_date()) }}
)

select * from final
