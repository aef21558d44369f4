"""Loading: a file in any written layout becomes a submission in the landing folder."""
