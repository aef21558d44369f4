with

final as (
    select
        from_person_key,
        to_person_key,
        reason,
        valid_from
    from {{ ref('idn_person_key_link') }}
)

select * from final
