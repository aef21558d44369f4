-- The key, in order of case.
select *
from commissioner_key
order by case_id
