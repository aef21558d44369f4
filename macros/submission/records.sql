{#- The records of a feed that stand: refused rows are in stg_error_report. Under the submission
    protocol that is the accepted version of each record, else its latest copy. -#}
{%- macro records(feed) -%}
    {{ standing_records(feed) if input_contract(feed).submission_protocol else latest_records(feed) }}
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
