"""Release: one signed pack per recipient and agreement, and the proof that anyone can repeat."""
