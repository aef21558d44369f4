"""A state folder of its own for each test, and small files made on the spot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from safe_haven.load.contract import contracts
from safe_haven.paths import State


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> State:
    """An empty state folder."""
    monkeypatch.setenv("SAFE_HAVEN_VAR", str(tmp_path / "var"))
    return State.from_environment()


@pytest.fixture
def person_csv(tmp_path: Path) -> Callable[..., Path]:
    """Write a file in the layout landing-person; one dictionary a row, other columns empty."""

    def write(*rows: dict[str, str], name: str = "person.csv") -> Path:
        columns = contracts()["person"].column_names
        lines = [",".join(columns)]
        lines += [",".join(row.get(column, "") for column in columns) for row in rows]
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


@pytest.fixture
def hes_folder(reference_file: Callable[[str], Path]) -> Path:
    """NHS Digital's artificial HES files."""
    return reference_file("hes_artificial")
