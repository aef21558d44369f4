-- Who is responsible for paying, by which box and reason of the Commissioner Assignment Method, and
-- how often the purchaser in the record is another one.
select
    responsible.cam_version,
    responsible.box,
    responsible.basis,
    responsible.reason,
    responsible.service_category,
    count(*) as records,
    count(*) filter (
        where responsible.responsible_commissioner_code is distinct from activity.commissioner_code
    ) as recorded_otherwise
from {{ ref('gov_responsible_commissioner') }} as responsible
inner join {{ ref('fct_activity') }} as activity
    on responsible.activity_key = activity.activity_key
where responsible.cam_version is not null
group by
    responsible.cam_version,
    responsible.box,
    responsible.basis,
    responsible.reason,
    responsible.service_category
order by
    responsible.cam_version asc,
    records desc,
    responsible.box asc,
    responsible.basis asc,
    responsible.reason asc
