-- Which practice was paid a total that its components do not add up to, and by how much?
select
    financial_year,
    practice_code,
    total_payments,
    component_sum,
    unexplained
from {{ ref('fct_gp_payment_total') }}
where unexplained <> 0
order by
    financial_year asc,
    practice_code asc
