-- Every record as it stands: refused rows are in stg_error_report.
{{ records('social_care_event') }}
