"""Live queries: the current releases in PostgreSQL, each recipient seeing its own rows alone."""
