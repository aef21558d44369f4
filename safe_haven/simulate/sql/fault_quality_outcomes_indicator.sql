-- Planted fault, in every file: an achievement with a sign for percent (1 row).
-- Reads and changes: file_row.
create or replace temp table faulty as
select
    min(concat_ws(
        '|',
        financial_year,
        practice_code,
        indicator_code,
        indicator_description
    )) as record_identifier
from file_row
where is_plain and achievement_percent <> '';

insert into fault_key
select unnest(
    planted(
        'achievement with a percent sign',
        record_identifier,
        'stg_error_report',
        'achievement_percent decimal_format'
    )
)
from faulty
where record_identifier is not null;

update file_row
set achievement_percent = '97.5%', is_plain = false
from faulty
where
    concat_ws(
        '|',
        file_row.financial_year,
        file_row.practice_code,
        file_row.indicator_code,
        file_row.indicator_description
    ) = faulty.record_identifier;
