-- What must come of the planted faults: one row per fault and record. `caught_by` names the relation
-- that must hold the record, `caught_as` what it says there (in idn_trace: worth of the number and
-- step; elsewhere: column and rule).
create or replace table fault_key (
    fault varchar,
    feed varchar,
    submission_id varchar,
    record_identifier varchar,
    caught_by varchar,
    caught_as varchar
);

-- A row of the key for a record of the file that is about to be written.
create or replace macro planted(fault, record_identifier, caught_by, caught_as) as {
    'fault': fault,
    'feed': getvariable('fault_feed'),
    'submission_id': getvariable('fault_submission'),
    'record_identifier': record_identifier,
    'caught_by': caught_by,
    'caught_as': caught_as
};
