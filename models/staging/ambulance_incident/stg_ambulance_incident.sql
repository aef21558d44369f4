-- Every record as it stands: refused rows are in stg_error_report.
{{ records('ambulance_incident') }}
