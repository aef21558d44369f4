-- Every record as it stands: refused rows are in stg_error_report.
{{ records('patient_level_contract_monitoring_line') }}
