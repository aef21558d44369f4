"""An auditor of published tables that knows nothing but what was published (docs/audit.md).

It shares no code with the protection: what one gets wrong the other does not repeat.
"""
