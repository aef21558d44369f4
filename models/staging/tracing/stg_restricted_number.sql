-- Who made a mistake in another column does not lift a restriction: a refused row restricts until a
-- row of a later extract is accepted.
with

checked as (
    select
        nhs_number,
        extract_at,
        {{ is_access_restricted('sensitivity_flag') }} as is_restricted,
        {{ is_rejected('errors') }} as is_refused
    from {{ ref('stg_person_checked') }}
    where nhs_number is not null
),

accepted as (
    select
        nhs_number,
        max(extract_at) as last_extract_at
    from checked
    where not is_refused
    group by nhs_number
),

final as (
    select distinct checked.nhs_number
    from checked
    left join accepted using (nhs_number)
    where
        checked.is_refused
        and checked.is_restricted
        and coalesce(accepted.last_extract_at <= checked.extract_at, true)
)

select * from final
