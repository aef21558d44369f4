-- How are babies born, and how many records say who the mother is? By provider and method.
select
    provider_code,
    delivery_method,
    count(*) as births,
    count(*) filter (where is_person_established) as babies_established,
    count(*) filter (where mother_person_key is not null) as mothers_known,
    median(birth_weight) as median_birth_weight
from {{ ref('fct_maternity_birth') }}
group by
    provider_code,
    delivery_method
order by
    provider_code asc,
    delivery_method asc
