-- The published total of England beside the sum of the organisations, measure by measure.
with

published as (
    select
        month_start,
        is_total,
        {{ published_emergency_measures() | join(',\n        ') }}
    from {{ ref('hnd_published_emergency_activity') }}
),

measured as (
    {%- for measure in published_emergency_measures() %}
        select
            month_start,
            '{{ measure }}' as measure,
            is_total,
            {{ measure }} as published_value
        from published
        {{- '\n        union all' if not loop.last }}
    {%- endfor %}
),

final as (
    select
        month_start,
        measure,

        sum(published_value) filter (where is_total)::bigint as published_total,
        sum(published_value) filter (where not is_total)::bigint as sum_of_organisations,
        coalesce(published_total <> sum_of_organisations, true) as is_different
    from measured
    group by
        month_start,
        measure
)

select * from final
