with

organisation as (
    select
        organisation_code,
        organisation_name,
        organisation_role,
        parent_code,
        valid_from,
        valid_to
    from {{ ref('organisation') }}
),

final as (
    select
        organisation_code,
        organisation_name,
        organisation_role,
        parent_code,
        valid_from,
        valid_to
    from organisation
)

select * from final
