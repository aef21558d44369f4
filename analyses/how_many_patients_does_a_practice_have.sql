-- How many patients does a practice have, and how many came and went in the year before? On the
-- release date, by practice and the sub-ICB location it belongs to.
select
    sub_icb_code,
    practice_code,
    count(distinct person_key) filter (
        where {{ in_force('registered_from', 'registered_to', release_date()) }}
    ) as patients,
    count(*) filter (
        where registered_from > {{ release_date() }} - interval 1 year
        and registered_from <= {{ release_date() }}
    ) as came,
    count(*) filter (
        where registered_to > {{ release_date() }} - interval 1 year
        and registered_to <= {{ release_date() }}
    ) as went
from {{ ref('fct_registration') }}
group by
    sub_icb_code,
    practice_code
order by
    sub_icb_code asc nulls last,
    practice_code asc
