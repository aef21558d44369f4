-- Cases in turn over the months of their version (the financial year of the assignment date).
-- Reads: case_file, case_month. Writes: commissioner_case, commissioner_key.
create or replace table commissioner_case as
with version_month as (
    select
        month_index,
        case when month_start < date '2025-04-01' then '2024/25' else '2025/26' end as cam_version,
        row_number() over (
            partition by month_start < date '2025-04-01' order by month_index
        ) - 1 as ordinal,
        count(*) over (partition by month_start < date '2025-04-01') as months
    from case_month
    where month_start >= date '2024-04-01'
),

numbered as (
    select
        *,
        row_number() over (partition by cam_version, feed order by case_id) as case_ordinal
    from case_file
)

select
    numbered.* exclude (case_ordinal),
    version_month.month_index
from numbered
inner join version_month
    on
        numbered.cam_version = version_month.cam_version
        and numbered.case_ordinal % version_month.months = version_month.ordinal;

create or replace table commissioner_key (
    case_id varchar,
    feed varchar,
    submission_id varchar,
    cds_unique_identifier varchar,
    cam_version varchar,
    box varchar,
    answer varchar,
    basis varchar,
    commissioner_code varchar
);
