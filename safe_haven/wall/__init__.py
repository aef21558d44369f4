"""The wall: what stands between identifiable records and everything else, and its proofs."""
