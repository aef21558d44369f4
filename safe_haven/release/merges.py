"""Merged persons: which pseudonyms of earlier releases stand for somebody who now has another.

A record-level pack has the table `superseded_pseudonym` where two people whom the recipient holds
turned out to be one: both pseudonyms under the same key, and the day from which that is known. One
that no earlier release gave is not listed: nobody learns that a person had two NHS numbers who did
not hold both. Pseudonyms under an earlier key of the agreement are never led to those in use.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from safe_haven.release import files, records, render, tables
from safe_haven.release.register import Entry
from safe_haven.release.render import Field, Table

TABLE = "superseded_pseudonym"
FIELDS = (
    Field("superseded_pseudonym", "string", "Stood for the person in an earlier release", "uuid"),
    Field("person_pseudonym", "string", "Stands for the same person in this release", "uuid"),
    Field("superseded_on", "date", "Day from which it is known that both are one person"),
)
MANIFEST = "manifest.json"


def given(
    place: Path, earlier: Sequence[Entry], keys: Sequence[Mapping[str, Any]], recipient_key: bytes
) -> tuple[set[str], bool]:
    """Pseudonyms that earlier releases gave under the same key, and whether all were at hand.

    `place` is the folder of the agreement's releases, `keys` are those of the pack's manifest.
    """
    found: set[str] = set()
    complete = True
    for entry in earlier:
        folder = place / str(entry.release_id)
        path = folder / MANIFEST
        if not path.is_file() or files.file_sha256(path) != entry.manifest_sha256:
            complete = False
            continue
        manifest = files.parse_canonical(path.read_bytes(), MANIFEST)
        if _agreement_keys(manifest["keys"]) == _agreement_keys(keys):
            found |= _people_in(folder / records.CONTAINER, recipient_key)
    return found, complete


def _agreement_keys(keys: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [key for key in keys if key["name"].startswith("agreement-")]


def _people_in(container: Path, recipient_key: bytes) -> set[str]:
    """The same as `people`, of a pack of which nothing else is read."""
    with records.attached(container, recipient_key, "READ_ONLY") as connection:
        held = connection.execute(
            "select table_name from duckdb_tables() where database_name = 'pack'"
        ).fetchall()
        return {
            pseudonym
            for (name,) in held
            if name in tables.RECORD_LEVEL
            for (pseudonym,) in connection.execute(
                f"select distinct {tables.RECORD_LEVEL[name].person}::varchar "  # noqa: S608 (constants)
                f"from pack.main.{name}"
            ).fetchall()
        }


def people(content: Sequence[Table]) -> set[str]:
    """The pseudonyms in the records of a pack."""
    return {
        pseudonym
        for table in content
        if table.name in tables.RECORD_LEVEL
        for pseudonym in table.rows[tables.RECORD_LEVEL[table.name].person].unique().to_pylist()
    }


def read(
    connection: duckdb.DuckDBPyConnection,
    agreement: str,
    content: Sequence[Table],
    given_before: set[str],
) -> list[Table]:
    """The table, where there is anything to tell the recipient of these records."""
    if not given_before:
        return []
    rows = connection.execute(
        f"select {render.cast_list(FIELDS)} "  # noqa: S608 (a constant)
        "from restricted.releases.rel_superseded_pseudonym where agreement_id = ? "
        "and superseded_pseudonym::varchar in (select unnest(?::varchar[])) "
        "and person_pseudonym::varchar in (select unnest(?::varchar[]))",
        [agreement, sorted(given_before), sorted(people(content))],
    ).to_arrow_table()
    return [Table(TABLE, FIELDS, render.sorted_rows(FIELDS, rows))] if rows.num_rows else []


def findings(
    table: Table, content: Sequence[Table], given_before: set[str] | None, data_cut: str
) -> Iterator[str]:
    """What the table must not tell; `given_before` is None where that cannot be known here."""
    if table.rows.column_names != [field.name for field in FIELDS]:
        yield f"{TABLE} has other columns than it may have"
        return
    in_use = people(content)
    seen: set[str] = set()
    for number, row in enumerate(table.rows.to_pylist(), start=1):
        where = f"{TABLE} row {number}"
        superseded = row["superseded_pseudonym"]
        if superseded in in_use:
            yield f"{where}: the superseded pseudonym stands for somebody in the pack"
        if row["person_pseudonym"] not in in_use:
            yield f"{where}: leads to nobody in the pack"
        if superseded in seen:
            yield f"{where}: the pseudonym is there twice"
        if given_before is not None and superseded not in given_before:
            yield f"{where}: no earlier release gave this pseudonym under this key"
        if row["superseded_on"] is None or row["superseded_on"].isoformat() > data_cut:
            yield f"{where}: is not dated, or later than the data cut"
        seen.add(superseded)
