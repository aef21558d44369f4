{% test periods_do_not_overlap(model, keys, valid_from, valid_to) %}

with

period as (
    select
        {{ keys | join(',\n        ') }},
        {{ valid_from }} as valid_from,
        coalesce({{ valid_to }}, date '9999-12-31') as valid_to,
        lead({{ valid_from }}) over (
            partition by {{ keys | join(', ') }}
            order by {{ valid_from }}, {{ valid_to }}
        ) as next_valid_from
    from {{ model }}
),

final as (
    select
        {{ keys | join(',\n        ') }},
        case
            when valid_from is null then 'has no start'
            when valid_to < valid_from then 'ends before it starts'
            else 'overlaps the next period'
        end as fault,
        valid_from,
        valid_to
    from period
    where
        valid_from is null
        or valid_to < valid_from
        or valid_to >= next_valid_from
)

select * from final

{% endtest %}
