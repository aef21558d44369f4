-- Superseded numbers, followed to the number that stands. A chain that comes round again, or ends
-- at a number that the service does not hold, leads nowhere; so does one of more than 20 steps.
with recursive

person as (
    select
        nhs_number,
        superseded_by_nhs_number,
        date_of_birth,
        sex,
        postcode,
        {{ is_access_restricted('sensitivity_flag') }} as is_sensitive
    from {{ ref('stg_person') }}
),

followed as (
    select
        nhs_number,
        superseded_by_nhs_number as leads_to,
        1 as steps
    from person
    where superseded_by_nhs_number is not null

    union all

    select
        followed.nhs_number,
        person.superseded_by_nhs_number as leads_to,
        followed.steps + 1 as steps
    from followed
    inner join person
        on followed.leads_to = person.nhs_number
    where
        person.superseded_by_nhs_number is not null
        and followed.steps < 20
),

standing as (
    select
        nhs_number,
        nhs_number as standing_nhs_number
    from person
    where superseded_by_nhs_number is null

    union all

    select
        followed.nhs_number,
        person.nhs_number as standing_nhs_number
    from followed
    inner join person
        on followed.leads_to = person.nhs_number
    where person.superseded_by_nhs_number is null
),

final as (
    select
        person.nhs_number,
        standing.standing_nhs_number,
        survivor.date_of_birth,
        survivor.sex,
        survivor.postcode,
        person.superseded_by_nhs_number is not null as is_superseded,
        person.is_sensitive or coalesce(survivor.is_sensitive, false) as is_sensitive
    from person
    left join standing using (nhs_number)
    left join person as survivor
        on standing.standing_nhs_number = survivor.nhs_number
)

select * from final
