-- Every record as it stands: refused rows are in stg_error_report.
{{ records('published_emergency_activity') }}
