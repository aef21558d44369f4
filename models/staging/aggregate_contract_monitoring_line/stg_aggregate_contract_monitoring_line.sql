-- Every record as it stands: refused rows are in stg_error_report.
{{ records('aggregate_contract_monitoring_line') }}
