{#- Which version of which record each row is, and what became of it: the submission protocol. -#}
{%- macro record_versions(feed) -%}
{%- set contract = input_contract(feed) -%}
with checked as (
    select
        submission_id,
        source_row,
        {%- for name in contract.record_key %}
        {{ name }},
        {%- endfor %}
        update_type,
        applicable_at,
        {%- for _, activity_date in contract.submission_protocol %}
        {{ activity_date }},
        {%- endfor %}
        errors
    from {{ ref('stg_' ~ feed ~ '_checked') }}
),

submission as (
    select
        submission_id,
        sender_organisation_code,
        prime_recipient_code,
        protocol,
        received_on,
        extract_at,
        applicable_at
    from {{ ref('stg_submission') }}
),

bulk_day as (
    select
        sender_organisation_code,
        bulk_replacement_group,
        activity_date,
        bulk_files
    from {{ ref('stg_bulk_day') }}
    where feed = '{{ feed }}'
),

timed as (
    select
        checked.submission_id,
        checked.source_row,
        {%- for name in contract.record_key %}
        checked.{{ name }},
        {%- endfor %}
        submission.sender_organisation_code,
        submission.prime_recipient_code,
        submission.received_on,
        {{ bulk_replacement_group(feed, 'checked') }} as bulk_replacement_group,
        {{ activity_date(feed, 'checked') }} as activity_date,
        {{ version_time() }} as version_at,
        coalesce(checked.update_type = '1', false) as is_delete,
        {{ is_rejected('checked.errors') }} as is_rejected
    from checked
    inner join submission on checked.submission_id = submission.submission_id
),

versioned as (
    select
        submission_id,
        source_row,
        sender_organisation_code,
        prime_recipient_code,
        bulk_replacement_group,
        activity_date,
        version_at,
        received_on,
        is_delete,
        is_rejected,
        min(received_on) over later as superseded_on,
        last_value(is_delete) over later as is_next_a_delete
    from timed
    window later as {{ later_versions(contract.record_key) }}
),

replaced as (
    select
        versioned.submission_id,
        versioned.source_row,
        versioned.activity_date,
        versioned.received_on,
        versioned.superseded_on,
        versioned.is_delete,
        versioned.is_next_a_delete,
        versioned.is_rejected,
        {{ replaced_on() }} as replaced_on
    from versioned
    left join bulk_day
        on
            versioned.sender_organisation_code = bulk_day.sender_organisation_code
            and versioned.bulk_replacement_group = bulk_day.bulk_replacement_group
            and versioned.activity_date = bulk_day.activity_date
),

final as (
    select
        submission_id,
        source_row,
        activity_date,
        received_on as known_from,
        least(superseded_on, replaced_on) as known_until,
        {{ record_fate() }} as fate
    from replaced
)

select * from final
{%- endmacro -%}
