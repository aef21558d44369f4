-- Data contract and business rules: every row is typed and carries the list of its errors.
{{ checked_rows('nhs_111_call') }}
