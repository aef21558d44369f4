-- The rows of every feed that break a rule, each with the list of what it breaks.
with final as (
    {%- for feed in input_contracts() %}
        select
            submission_id,
            source_row,
            '{{ feed }}' as feed,
            errors
        from {{ ref('stg_' ~ feed ~ '_checked') }}
        where len(errors) > 0
        {{- '\n        union all' if not loop.last }}
    {%- endfor %}
)

select * from final
