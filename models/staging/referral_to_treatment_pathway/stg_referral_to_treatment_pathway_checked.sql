-- Data contract and business rules: every row is typed and carries the list of its errors.
{{ checked_rows('referral_to_treatment_pathway') }}
