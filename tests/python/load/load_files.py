"""Values and checks that the tests of loading share."""

from __future__ import annotations

from safe_haven.paths import State

# Valid by modulus 11 and never issued.
NHS_NUMBER = "9990000042"
OTHER_NHS_NUMBER = "9990000018"

GOOD_PERSON = {"nhs_number": NHS_NUMBER, "date_of_birth": "1970-01-01", "sex": "1"}


def nothing_landed(state: State) -> bool:
    """Whether the landing folder holds no submission and no left-over."""
    left = (path for path in state.landing.rglob("*") if path.is_file())
    return all(path.name == "_schema.parquet" for path in left)
