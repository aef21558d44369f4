"""Protect any system of linked tables: withhold the fewest cells that keep the small ones unknown."""
