-- Every record as it stands: refused rows are in stg_error_report.
{{ records('contract_plan') }}
