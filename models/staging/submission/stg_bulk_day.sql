-- What bulk files replace, day by day: a row then meets the few files of its own day, and no range
-- of days is compared with another.
with bulk_file as (
    select
        feed,
        sender_organisation_code,
        bulk_replacement_group,
        prime_recipient_code,
        submission_id,
        extract_at,
        received_on,
        period_start,
        period_end
    from {{ ref('stg_submission') }}
    where
        protocol = 'bulk'
        and not is_test
        and is_known
        and len(protocol_errors) = 0
),

covered as (
    select
        feed,
        sender_organisation_code,
        bulk_replacement_group,
        prime_recipient_code,
        submission_id,
        extract_at,
        received_on,
        unnest(generate_series(period_start, period_end, interval 1 day))::date as activity_date
    from bulk_file
),

final as (
    select
        feed,
        sender_organisation_code,
        bulk_replacement_group,
        activity_date,
        list({
            'submission_id': submission_id,
            'extract_at': extract_at,
            'received_on': received_on,
            'prime_recipient_code': prime_recipient_code
        } order by extract_at, submission_id) as bulk_files
    from covered
    group by
        feed,
        sender_organisation_code,
        bulk_replacement_group,
        activity_date
)

select * from final
