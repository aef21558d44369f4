with

agreement_limit as (
    select
        agreement_id,
        agreement_version,
        limited,
        allowed_value
    from {{ ref('agreement_limit') }}
),

final as (
    select
        agreement_id,
        agreement_version,
        {%- for limited in limited_facts() %}
        list(allowed_value order by allowed_value) filter (where limited = '{{ limited }}')
            as {{ limited }}_values{{ "," if not loop.last }}
        {%- endfor %}
    from agreement_limit
    group by
        agreement_id,
        agreement_version
)

select * from final
