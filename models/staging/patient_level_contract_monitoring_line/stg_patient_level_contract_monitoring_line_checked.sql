-- Data contract and business rules: every row is typed and carries the list of its errors.
{{ checked_rows('patient_level_contract_monitoring_line') }}
