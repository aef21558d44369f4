-- Flex and freeze: what was known of each month of care at each of its cuts that has passed.
{% set feeds = [] %}
{% for feed, contract in input_contracts().items() if contract.submission_protocol %}
    {% do feeds.append(feed) %}
{% endfor %}

with

version as (
    {%- for feed in feeds %}
        select
            '{{ feed }}' as feed,
            date_trunc('month', activity_date)::date as activity_month,
            known_from,
            known_until,
            fate
        from {{ ref('stg_' ~ feed ~ '_version') }}
        where fate not in ('rejected', 'delete_request')
        {{- '\n        union all' if not loop.last }}
    {%- endfor %}
),

cut_rule as (
    select
        cut,
        months_after,
        day_of_month,
        valid_from,
        valid_to
    from {{ ref('submission_cut') }}
),

month_cut as (
    select
        month.activity_month,
        cut_rule.cut,
        (month.activity_month + to_months(cut_rule.months_after))::date
        + (cut_rule.day_of_month - 1) as cut_on
    from (select distinct activity_month from version) as month
    inner join cut_rule
        on {{ in_force('cut_rule.valid_from', 'cut_rule.valid_to', 'month.activity_month') }}
),

passed as (
    select
        activity_month,
        cut,
        cut_on,
        row_number() over (partition by activity_month order by cut_on desc, cut desc) = 1
            as is_published
    from month_cut
    where cut_on <= least({{ release_date() }}, {{ known_at() }})
),

final as (
    select
        version.feed,
        version.activity_month,
        passed.cut,
        passed.cut_on,
        passed.is_published,
        count(*) filter (where {{ is_known_at('passed.cut_on') }}) as records,
        count(*) filter (where version.fate = 'accepted') as records_now,
        count(*) filter (
            where version.fate = 'accepted' and not {{ is_known_at('passed.cut_on') }}
        ) as came_after_the_cut
    from version
    inner join passed on version.activity_month = passed.activity_month
    group by
        version.feed,
        version.activity_month,
        passed.cut,
        passed.cut_on,
        passed.is_published
)

select * from final
