-- Codes that contain the NHS number of anybody who is named here, forwards or backwards: the wall
-- would take them for it, so their records are refused one by one.
with named_number as (
    select digits
    from {{ ref('stg_named_number') }}
),

looked_for as (
    select digits
    from named_number
    union
    select reverse(digits) as digits
    from named_number
),

starting_place as (
    select
        code,
        unnest(range(1, length(code) - 8)) as place
    from {{ ref('stg_long_code') }}
),

run_of_ten as (
    select
        code,
        substr(code, place::integer, 10) as digits
    from starting_place
),

final as (
    select run_of_ten.code
    from run_of_ten
    inner join looked_for on run_of_ten.digits = looked_for.digits
    union
    -- a synthetic number counts whoever has it, where it stands alone
    select code
    from run_of_ten
    where
        starts_with(digits, '999')
        and digits = regexp_extract(code, '[0-9]{10,}')
        and {{ valid_nhs_number('digits') }}
)

select * from final
