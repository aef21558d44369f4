-- What the records that stand hold that cannot be right, or should not be there, feed by feed.
with organisation_period as (
    select
        organisation_code,
        opened_on,
        closed_on
    from {{ ref('stg_organisation_period') }}
),

treatment_function as (
    select list(treatment_function_code order by treatment_function_code) as codes
    from {{ ref('treatment_function') }}
),

dated_code as (
    select
        {{ diagnosis_code('diagnosis_code') }} as diagnosis_code,
        valid_from,
        valid_to
    from {{ ref('dated_diagnosis_code') }}
),

found as (
    {%- for feed in care_feeds() if quality_rules(feed) %}
        select
            '{{ feed }}' as feed,
            record.submission_id,
            record.source_row,
            unnest({{ quality_findings(feed) }}) as finding
        from {{ ref('stg_' ~ feed) }} as record
        {%- if 'gp_practice_code' in input_contract(feed).columns %}
            left join organisation_period as practice
                on record.gp_practice_code = practice.organisation_code
        {%- endif %}
        {%- for name, organisation in treating_organisations(feed) %}
            left join organisation_period as {{ organisation }}
                on record.{{ name }} = {{ organisation }}.organisation_code
        {%- endfor %}
        {%- if 'treatment_function_code' in input_contract(feed).columns %}
            cross join treatment_function
        {%- endif %}
        {{- '\n        union all' if not loop.last }}
    {%- endfor %}
),

-- the edition in use is told by the day on which the episode ended
diagnosis as (
    {%- for name in ['primary_diagnosis', 'secondary_diagnoses'] %}
        select
            submission_id,
            source_row,
            '{{ name }}' as column_name,
            coalesce(episode_end_date, episode_start_date) as coded_on,
            unnest(string_split({{ name }}, ';')) as code
        from {{ ref('stg_apc_episode') }}
        {{- '\n        union all' if not loop.last }}
    {%- endfor %}
),

out_of_date as (
    select distinct
        diagnosis.submission_id,
        diagnosis.source_row,
        diagnosis.column_name
    from diagnosis
    inner join dated_code on {{ diagnosis_code('diagnosis.code') }} = dated_code.diagnosis_code
    where
        diagnosis.coded_on < dated_code.valid_from
        or diagnosis.coded_on > dated_code.valid_to
),

final as (
    select
        feed,
        submission_id,
        source_row,
        struct_extract(finding, 'column_name') as column_name,
        struct_extract(finding, 'rule') as rule -- noqa: RF04
    from found
    where finding is not null
    union all
    select
        'apc_episode' as feed,
        submission_id,
        source_row,
        column_name,
        'code_not_valid_on_the_day' as rule -- noqa: RF04
    from out_of_date
)

select * from final
