with

place as (
    select
        activity_key,
        assignment_date
    from {{ ref('gov_commissioner_place') }}
),

item as (
    select
        activity_key,
        unnest(service_codes) as service_code
    from {{ ref('fct_activity') }}
),

commissioned_service as (
    select
        service_code,
        delegation_status,
        is_specialised,
        is_highly_specialised,
        is_public_health,
        valid_from,
        valid_to
    from {{ ref('commissioned_service') }}
),

final as (
    select
        place.activity_key,
        bool_or(commissioned_service.is_specialised) as is_specialised,
        bool_or(commissioned_service.is_highly_specialised) as is_highly_specialised,
        bool_or(commissioned_service.is_public_health) as is_public_health,
        bool_or(commissioned_service.delegation_status = 'red') as is_retained,
        bool_or(commissioned_service.delegation_status = 'amber') as is_not_yet_ready,
        bool_or(commissioned_service.delegation_status = 'green') as is_delegable
    from place
    inner join item using (activity_key)
    inner join commissioned_service
        on
            item.service_code = commissioned_service.service_code
            and {{ in_force(
                'commissioned_service.valid_from',
                'commissioned_service.valid_to',
                'place.assignment_date'
            ) }}
    group by place.activity_key
)

select * from final
