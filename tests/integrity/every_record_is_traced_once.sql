-- What: of every submission of care, as many records were traced as were accepted.
-- When it matters: on every build; a record whose person is not known must be kept and counted.
-- How to resolve: look for a join in idn_trace that drops or repeats records, such as a number that
-- stg_standing_number holds twice.
{{ config(group='identifiable') }}

with traced as (
    select
        feed,
        submission_id,
        sum(record_count) as record_count
    from {{ ref('hnd_trace_count') }}
    group by
        feed,
        submission_id
)

select
    reconciliation.feed,
    reconciliation.submission_id,
    reconciliation.accepted,
    traced.record_count
from {{ ref('hnd_reconciliation') }} as reconciliation
left join traced using (feed, submission_id)
where
    reconciliation.feed in (
        {%- for feed in care_feeds() %}
            '{{ feed }}'{{ ',' if not loop.last }}
        {%- endfor %}
    )
    and reconciliation.accepted <> coalesce(traced.record_count, 0)
