-- Ages of England, in bands of five years: share of the population in thousandths.
create or replace table age_band as
with share as (
    select unnest([
        54, 60, 61, 58, 61, 66, 70, 69, 65, 60, 66, 67, 60, 50, 46, 40, 26, 15, 5, 1
    ]) as share
),

numbered as (
    select
        row_number() over () as band,
        share
    from share
)

select
    (band - 1) * 5 as youngest,
    sum(share) over (order by band) - share as starts_at
from numbered;
