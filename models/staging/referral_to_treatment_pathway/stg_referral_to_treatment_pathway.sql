-- Every record as it stands: refused rows are in stg_error_report.
{{ records('referral_to_treatment_pathway') }}
