with

final as (
    select
        from_person_key as superseded_person_key,
        to_person_key as person_key,
        valid_from as superseded_on
    from {{ ref('hnd_person_key_link') }}
)

select * from final
