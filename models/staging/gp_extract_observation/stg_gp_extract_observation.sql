-- Every record as it stands: refused rows are in stg_error_report.
{{ records('gp_extract_observation') }}
