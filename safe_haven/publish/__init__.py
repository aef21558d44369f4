"""What anybody may read: lookups, registers, the record of processing and a page for patients."""
