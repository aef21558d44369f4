-- Birth date, sex and postcode, where one person alone has them. Defaults describe nobody: a first
-- of January, a sex not known, a pseudo postcode; a prison is many people's address.
with

person as (
    select
        standing_nhs_number,
        date_of_birth,
        sex,
        postcode
    from {{ ref('stg_standing_number') }}
    where nhs_number = standing_nhs_number
),

pseudo_postcode as (
    select place_postcode
    from {{ ref('pseudo_postcode') }}
),

prison as (
    select place_postcode
    from {{ ref('prison') }}
),

final as (
    select
        date_of_birth,
        sex,
        postcode,
        min(standing_nhs_number) as nhs_number
    from person
    where
        strftime(date_of_birth, '%m-%d') <> '01-01'
        and sex in ('1', '2')
        and postcode not in (select pseudo_postcode.place_postcode from pseudo_postcode)
        and postcode not in (select prison.place_postcode from prison)
    group by
        date_of_birth,
        sex,
        postcode
    having count(*) = 1
)

select * from final
