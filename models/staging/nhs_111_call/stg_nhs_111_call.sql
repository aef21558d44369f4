-- Every record as it stands: refused rows are in stg_error_report.
{{ records('nhs_111_call') }}
