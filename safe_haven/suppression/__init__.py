"""Protect any system of linked tables: withhold few cells, and prove that it is enough."""
