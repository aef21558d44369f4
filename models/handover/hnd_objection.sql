with

final as (
    select
        person_key,
        kind,
        valid_from,
        valid_to
    from {{ ref('idn_objection') }}
)

select * from final
