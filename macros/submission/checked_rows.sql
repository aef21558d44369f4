{#- Every landed row of a feed, typed, with the list of its own errors. Test files and files received
    after the cut are left out; the submission protocol counts them. -#}
{%- macro checked_rows(feed) -%}
{%- set objection_kind = input_contract(feed).objection_kind -%}
with submission as (
    select
        submission_id,
        sender_organisation_code,
        sends_for,
        protocol,
        bulk_replacement_group,
        received_on,
        extract_at,
        period_start,
        period_end,
        protocol_errors
    from {{ ref('stg_submission') }}
    where not is_test and is_known
),

code_lists as (
    {%- if input_contract(feed).columns.values() | selectattr('code_list', 'defined') | list %}
    select {{ code_lists(feed) }}
    from {{ ref('code_list') }}
    {%- else %}
    select true as is_empty
    {%- endif %}
),

{% if holds_snomed_codes(feed) %}
approved_code as (
    select list(distinct code order by code) as snomed_codes
    from {{ ref('emergency_care_code') }}
),
{% endif %}
{%- if long_code_columns(feed) %}
code_with_number as (
    select list(code order by code) as codes
    from {{ ref('stg_code_with_number') }}
),
{% endif %}
landed as (
    select
        {%- for name in input_contract(feed).columns %}
        nullif(trim({{ name }}), '') as {{ name }},
        {%- endfor %}
        submission_id,
        source_row
    from {{ source('landing_' ~ feed, feed) }}
),
{% if objection_kind %}
-- a file without a readable day cannot be held against an objection, and so is refused where any is
objector as (
    select distinct
        landed.submission_id,
        landed.source_row
    from landed
    inner join submission on landed.submission_id = submission.submission_id
    inner join {{ ref('stg_objecting_number') }} as objection
        on landed.nhs_number = objection.nhs_number
    where
        objection.kind = '{{ objection_kind }}'
        and (
            {{ extract_day() }} is null
            or {{ in_force('objection.valid_from', 'objection.valid_to', extract_day()) }}
        )
),
{% endif %}
final as (
    select
        {%- for name, rules in input_contract(feed).columns.items() %}
        {{ kept_value(name, rules) }} as {{ name }},
        {%- endfor %}
        landed.submission_id,
        landed.source_row,
        submission.sender_organisation_code,
        submission.extract_at,
        {{ contract_errors(feed) }} as errors
    from landed
    inner join submission on landed.submission_id = submission.submission_id
    cross join code_lists
    {%- if holds_snomed_codes(feed) %}
    cross join approved_code
    {%- endif %}
    {%- if long_code_columns(feed) %}
    cross join code_with_number
    {%- endif %}
    {%- if objection_kind %}
    left join objector
        on
            landed.submission_id = objector.submission_id
            and landed.source_row = objector.source_row
    {%- endif %}
)

select * from final
{%- endmacro -%}


{#- The day on which the sender made the extract, by which objections are read. -#}
{%- macro extract_day() -%}
    coalesce(submission.extract_at::date, submission.received_on)
{%- endmacro -%}


{#- What is kept of a landed text: under `on_error: blank`, nothing of a value that breaks a rule. -#}
{%- macro kept_value(name, rules) -%}
    {%- set typed = typed_value('landed.' ~ name, rules) -%}
    {%- if rules.on_error == 'blank' -%}
        {%- set wrong = column_errors(name, rules) | map(attribute='condition') | join(' or ') -%}
        case when not coalesce({{ wrong }}, false) then {{ typed }} end
    {%- else -%}
        {{ typed }}
    {%- endif -%}
{%- endmacro -%}


{#- A landed text in the data type of its contract, NULL where it cannot be read. -#}
{%- macro typed_value(value, rules) -%}
    {%- if rules.data_type == 'date' -%} {{ iso_date(value) }}
    {%- elif rules.data_type == 'time' -%} {{ iso_time(value) }}
    {%- elif rules.data_type == 'timestamp' -%} {{ iso_timestamp(value) }}
    {%- elif rules.data_type == 'integer' -%} {{ whole_number(value) }}
    {%- elif rules.data_type == 'decimal' -%} {{ decimal_number(value) }}
    {%- else -%} {{ value }}
    {%- endif -%}
{%- endmacro -%}
