-- What: in each month and every numeric column of the published emergency activity the total is the
-- sum of the organisations.
-- When it matters: whenever a monthly file is loaded; a difference means a row lost or changed.
-- How to resolve: compare the file with the publication; load the revised file.
select
    month_start,
    measure,
    published_total,
    sum_of_organisations
from {{ ref('fct_published_emergency_total') }}
where is_different
