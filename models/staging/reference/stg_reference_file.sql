-- Which file of reference data is in use: of each list, the one that speaks as of the latest day
-- and has no refused row. It replaces the one before it as a whole; two are never mixed.
with submission as (
    select
        submission_id,
        layout,
        file_name,
        received_on,
        extract_at
    from {{ ref('stg_submission') }}
    where not is_test
),

checked as (
    {%- for feed in reference_feeds() %}
        select
            checked_row.submission_id,
            {{ reference_list(feed, 'checked_row') }} as reference_list,
            checked_row.errors
        from {{ ref('stg_' ~ feed ~ '_checked') }} as checked_row
        {{- '\n        union all' if not loop.last }}
    {%- endfor %}
),

counted as (
    select
        submission_id,
        coalesce(reference_list, 'not known') as reference_list,
        count(*) as row_count,
        count(*) filter (where {{ is_rejected('errors') }}) as refused_row_count
    from checked
    group by all
),

judged as (
    select
        counted.submission_id,
        counted.reference_list,
        counted.row_count,
        counted.refused_row_count,
        submission.layout,
        submission.file_name,
        submission.received_on,
        submission.extract_at,
        case
            when counted.refused_row_count > 0 then 'rows_refused'
            when
                counted.reference_list in ('eccg', 'eauth')
                and submission.extract_at < {{ integrated_care_boards_from() }}
                then 'before_integrated_care_boards'
        end as fault
    from counted
    inner join submission using (submission_id)
),

ranked as (
    select
        submission_id,
        reference_list,
        row_count,
        refused_row_count,
        layout,
        file_name,
        received_on,
        extract_at,
        fault,
        row_number() over (
            partition by reference_list, fault is null
            order by extract_at desc, submission_id desc
        ) as newest_first
    from judged
),

final as (
    select
        reference_list,
        submission_id,
        layout,
        file_name,
        extract_at::date as vintage,
        received_on,
        row_count,
        refused_row_count,
        fault is null and newest_first = 1 as is_in_use,
        coalesce(fault, case when newest_first > 1 then 'a_later_file_is_in_use' end)
            as reason_not_used
    from ranked
)

select * from final
