-- A regional office worked on what the providers of its area sent, and on nothing else.
with

activity as (
    select
        activity_key,
        person_key,
        data_services_office_code,
        setting,
        provider_code,
        point_of_delivery,
        activity_date
    from {{ ref('fct_activity') }}
),

final as (
    select
        activity_key,
        person_key,
        data_services_office_code,
        setting,
        provider_code,
        point_of_delivery,
        activity_date
    from activity
    where '{{ var("data_services_office") }}' in ('all', data_services_office_code)
)

select * from final
