-- Planted fault, in one file: an appointment far in the future (1 row).
update file_row
set appointment_date = '2099-01-01'
where
    cds_unique_identifier = (
        select min(cds_unique_identifier) from file_row
        where is_plain
    );
