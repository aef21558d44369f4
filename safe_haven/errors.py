"""The one error a person is meant to read."""


class SafeHavenError(Exception):
    """Something is in doubt and nothing goes on: says what is wrong, why, and what to do."""


class KeyringError(SafeHavenError):
    """A key is missing, malformed, readable by others, or not the key used before."""
