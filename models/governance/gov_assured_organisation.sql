with

assessment as (
    select
        organisation_code,
        standard,
        status,
        published_on,
        valid_to,
        status in ('standards_met', 'standards_exceeded')
        and {{ in_force('published_on', 'valid_to', release_date()) }} as is_assured
    from {{ ref('security_assurance') }}
    where published_on <= {{ release_date() }}
),

latest as (
    select
        organisation_code,
        standard,
        status,
        published_on,
        valid_to,
        is_assured,
        row_number() over (
            partition by organisation_code order by published_on desc, is_assured asc, standard asc
        ) as recency
    from assessment
),

final as (
    select
        organisation_code,
        standard,
        status,
        published_on,
        valid_to
    from latest
    where recency = 1 and is_assured
)

select * from final
