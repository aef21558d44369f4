-- Plant cases in outpatient care. Reads: commissioner_case, trust. Reads and changes: file_row.
create or replace temp table planted as
with due as (
    select
        *,
        row_number() over (order by case_id) as ordinal
    from commissioner_case
    where
        feed = getvariable('case_feed')
        and month_index = getvariable('case_month_index')
),

eligible as (
    select
        cds_unique_identifier,
        row_number() over (order by cds_unique_identifier) as ordinal
    from file_row
    where
        is_plain
        and withheld_identity_reason = ''
        and administrative_category = '01'
        and not starts_with(postcode, 'ZZ99')
        and not starts_with(gp_practice_code, 'V81')
        and provider_code in (
            select provider_code from trust
            where icb_index < 3
        )
)

select
    due.*,
    eligible.cds_unique_identifier
from due
inner join eligible on due.ordinal = eligible.ordinal;

update file_row
set
    gp_practice_code = coalesce(planted.practice_code, file_row.gp_practice_code),
    postcode = coalesce(planted.postcode, file_row.postcode),
    administrative_category
    = coalesce(planted.administrative_category, file_row.administrative_category),
    service_code = coalesce(planted.service_code, file_row.service_code),
    treatment_function_code
    = coalesce(planted.treatment_function_code, file_row.treatment_function_code)
from planted
where file_row.cds_unique_identifier = planted.cds_unique_identifier;
