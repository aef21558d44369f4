-- Which version of which record each row is, and what became of it.
{{ record_versions('patient_level_contract_monitoring_line') }}
