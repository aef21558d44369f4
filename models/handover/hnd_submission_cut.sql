-- Flex and freeze: what was known of each month of care at each of its cuts that has passed.
with

version as (
    select
        feed,
        month_start,
        known_from,
        known_until,
        fate,
        row_count
    from {{ ref('stg_version_count') }}
    where fate not in ('rejected', 'delete_request')
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
        month.month_start,
        cut_rule.cut,
        (month.month_start + to_months(cut_rule.months_after))::date
        + (cut_rule.day_of_month - 1) as cut_on
    from (select distinct month_start from version) as month
    inner join cut_rule
        on {{ in_force('cut_rule.valid_from', 'cut_rule.valid_to', 'month.month_start') }}
),

passed as (
    select
        month_start,
        cut,
        cut_on,
        row_number() over (partition by month_start order by cut_on desc, cut desc) = 1
            as is_published
    from month_cut
    where cut_on <= least({{ release_date() }}, {{ known_at() }})
),

final as (
    select
        version.feed,
        version.month_start,
        passed.cut,
        passed.cut_on,
        passed.is_published,
        coalesce(
            sum(version.row_count) filter (where {{ is_known_at('passed.cut_on') }}), 0
        )::bigint as records,
        coalesce(
            sum(version.row_count) filter (where version.fate = 'accepted'), 0
        )::bigint as records_now,
        coalesce(
            sum(version.row_count) filter (
                where version.fate = 'accepted' and not {{ is_known_at('passed.cut_on') }}
            ), 0
        )::bigint as came_after_the_cut
    from version
    inner join passed on version.month_start = passed.month_start
    group by
        version.feed,
        version.month_start,
        passed.cut,
        passed.cut_on,
        passed.is_published
)

select * from final
