-- Data contract and business rules: every row is typed and carries the list of its errors.
{{ checked_rows('published_emergency_activity') }}
