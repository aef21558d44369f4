-- What the records that stand hold that cannot be right, or should not be there, feed by feed.
with closed_practice as (
    select
        practice_code,
        max(coalesce(valid_to, date '9999-12-31')) as closed_on
    from {{ ref('gp_practice') }}
    group by practice_code
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
        left join closed_practice
            on record.gp_practice_code = closed_practice.practice_code
        {%- endif %}
        {{- '\n        union all' if not loop.last }}
    {%- endfor %}
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
)

select * from final
