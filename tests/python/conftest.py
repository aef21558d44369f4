"""What the tests of more than one folder share: third-party files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from safe_haven.run.command import reference_data


@pytest.fixture(scope="session")
def reference_file() -> Callable[[str], Path]:
    """A third-party file or folder by its path; a test that needs it is skipped without it.

    Such a test is marked `reference_data`.
    """

    def find(name: str) -> Path:
        path = reference_data() / name
        if not path.exists():
            pytest.skip(f"SAFE_HAVEN_REFERENCE_DATA has no {name}: {reference_data()}")
        return path

    return find
