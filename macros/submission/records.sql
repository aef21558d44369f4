{#- The records of a feed that stand: refused rows are in stg_error_report. Under the submission
    protocol that is the accepted version of each record, of reference data the file in use, else the
    latest copy of each. -#}
{%- macro records(feed) -%}
    {%- set contract = input_contract(feed) -%}
    {%- if contract.submission_protocol -%}
        {{ standing_records(feed) }}
    {%- elif contract.reference_data -%}
        {{ file_records(feed) }}
    {%- else -%}
        {{ latest_records(feed) }}
    {%- endif -%}
{%- endmacro -%}


{%- macro standing_records(feed) -%}
with checked as (
    select
        {%- for name in input_contract(feed).columns %}
        {{ name }},
        {%- endfor %}
        submission_id,
        source_row
    from {{ ref('stg_' ~ feed ~ '_checked') }}
),

standing as (
    select
        submission_id,
        source_row
    from {{ ref('stg_' ~ feed ~ '_version') }}
    where fate = 'accepted'
),

final as (
    select
        {%- for name in input_contract(feed).columns %}
        checked.{{ name }},
        {%- endfor %}
        checked.submission_id,
        checked.source_row
    from checked
    inner join standing
        on
            checked.submission_id = standing.submission_id
            and checked.source_row = standing.source_row
)

select * from final
{%- endmacro -%}


{%- macro latest_records(feed) -%}
{%- set contract = input_contract(feed) -%}
{#- the ids of care records are those of their sender -#}
{%- set sender = ['sender_organisation_code'] if contract.event_date else [] -%}
with accepted as (
    select
        {%- for name in input_contract(feed).columns %}
        {{ name }},
        {%- endfor %}
        submission_id,
        source_row,
        {{ latest_record(sender + contract.record_key) }} as version_order
    from {{ ref('stg_' ~ feed ~ '_checked') }}
    where not {{ is_rejected('errors') }}
),

final as (
    select
        {%- for name in input_contract(feed).columns %}
        {{ name }},
        {%- endfor %}
        submission_id,
        source_row
    from accepted
    where version_order = 1
)

select * from final
{%- endmacro -%}


{#- Files of reference data are never mixed; where one names a record twice, its last row stands. -#}
{%- macro file_records(feed) -%}
with file_in_use as (
    select
        submission_id,
        reference_list
    from {{ ref('stg_reference_file') }}
    where is_in_use
),

row_of_file as (
    select
        {%- for name in input_contract(feed).columns %}
        checked_row.{{ name }},
        {%- endfor %}
        checked_row.submission_id,
        checked_row.source_row,
        row_number() over (
            partition by checked_row.{{ input_contract(feed).record_key | join(', checked_row.') }}
            order by checked_row.source_row desc
        ) as latest_first
    from {{ ref('stg_' ~ feed ~ '_checked') }} as checked_row
    inner join file_in_use
        on
            checked_row.submission_id = file_in_use.submission_id
            and {{ reference_list(feed, 'checked_row') }} = file_in_use.reference_list
),

final as (
    select
        {%- for name in input_contract(feed).columns %}
        {{ name }},
        {%- endfor %}
        submission_id,
        source_row
    from row_of_file
    where latest_first = 1
)

select * from final
{%- endmacro -%}
