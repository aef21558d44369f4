-- The months of this batch. Reads: variables month_indices, month_starts, month_days.
create or replace table month as
select
    unnest(getvariable('month_indices')) as month_index,
    unnest(getvariable('month_starts')) as month_start,
    unnest(getvariable('month_days')) as days_in_month;
