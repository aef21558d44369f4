-- Reads: nhs_number (the numbers of earlier positions); variables half_size, number_prefix,
-- first_position, last_position, numbers_needed.

-- Numbers of a slice of positions, in an order that says nothing about the person: a Feistel
-- permutation (four rounds) of 0 .. half_size^2 - 1, from which the nine-digit stems without a check
-- digit are left out. Stems are 999xxxxxx (never issued), or in scale runs other 9xxxxxxxx (unissued
-- too).
with recursive mixed as (
    select
        0 as round,
        position,
        position // getvariable('half_size') as high,
        position % getvariable('half_size') as low
    from (
        select
            unnest(range(getvariable('first_position'), getvariable('last_position') + 1)) as position
    )
    union all
    select
        round + 1 as round,
        position,
        low as high,
        (high + scrambled(round, low)) % getvariable('half_size') as low
    from mixed
    where round < 4
),

stem as (
    select
        position,
        getvariable('number_prefix') + high * getvariable('half_size') + low as stem
    from mixed
    where round = 4
)

select
    (select count(*) from nhs_number) + row_number() over (order by position) as ordinal,
    concat(stem, check_digit(stem)) as nhs_number
from stem
where
    check_digit(stem) <> 10
    and stem between 900000000 and 999999999
    -- A scale run keeps clear of the 999 block, so that its numbers are never taken for ours.
    and (getvariable('half_size') = 1000 or stem < 999000000)
-- in a form that DuckDB does not turn into a search for the first n, of which it allows a million
qualify ordinal between 1 and getvariable('numbers_needed')
