"""Delivery of releases to the MESH mailboxes of their recipients."""
