-- Which version of which record each row is, and what became of it.
{{ record_versions('referral_to_treatment_pathway') }}
