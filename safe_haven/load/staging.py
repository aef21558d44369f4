"""Write what follows from the input contracts: the macros that hold them, and the staging models.

A contract (`models/staging/<feed>/_<feed>_source.yml`) says everything about a feed up to the table
of its records, so its staging models hold no logic of their own: three calls of a macro, and YAML
that repeats the contract's columns. `safe-haven contracts` writes them and keeps unit tests that a
person added below `unit_tests:`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from safe_haven.load.code_format import FORMAT_MACRO_FILE, format_macro_text
from safe_haven.load.contract import (
    ENVELOPE,
    MACRO_FILE,
    STAGING,
    Column,
    Contract,
    contracts,
    macro_text,
)
from safe_haven.paths import PROJECT_ROOT

UNIT_TESTS = "\nunit_tests:\n"
FATES = ("accepted", "superseded", "deleted", "delete_request", "replaced_by_bulk", "rejected")
WIDTH = 100
SUBMISSION_ID = Column("submission_id", "Submission that brought the row.", "varchar", "plain", "")
SOURCE_ROW = Column(
    "source_row", "Line of the file as received; the header is line 1.", "bigint", "plain", ""
)
CHECKED_COLUMNS = (
    SUBMISSION_ID,
    SOURCE_ROW,
    Column("sender_organisation_code", "Who sent the submission.", "varchar", "plain", ""),
    Column("extract_at", "When the sender made the extract.", "timestamp", "plain", ""),
    Column(
        "errors",
        "Broken rules of the row: column, rule, severity and what to do. Names, never values.",
        "struct(column_name varchar, rule varchar, severity varchar, what_to_do varchar)[]",
        "plain",
        "",
    ),
)
VERSION_COLUMNS = (
    SUBMISSION_ID,
    SOURCE_ROW,
    Column(
        "activity_date",
        "Day of activity, which puts the row into the window of a bulk file.",
        "date",
        "quasi",
        "",
    ),
    Column("known_from", "Day on which the row was received.", "date", "plain", "", required=True),
    Column(
        "known_until",
        "Day on which a later version, a deletion or a bulk file that replaces the row was "
        "received; missing while it stands. On or before known_from: the row arrived after its "
        "replacement.",
        "date",
        "plain",
        "",
    ),
    Column(
        "fate",
        "What became of the row: accepted, superseded by a later version, deleted, a deletion "
        "itself, replaced by a bulk file, or rejected.",
        "varchar",
        "plain",
        "",
        required=True,
    ),
)


def written_files() -> dict[Path, str]:
    """Every file that follows from the contracts and its text, unit tests on disk included."""
    files = {MACRO_FILE: macro_text(), FORMAT_MACRO_FILE: format_macro_text()}
    for contract in contracts().values():
        if contract.feed != ENVELOPE:
            files.update(_staging_files(contract))
    return files


def _staging_files(contract: Contract) -> Iterator[tuple[Path, str]]:
    feed = contract.feed
    yield from _model(
        contract,
        f"stg_{feed}_checked",
        "Data contract and business rules: every row is typed and carries the list of its errors.",
        f"checked_rows('{feed}')",
        _checked_yaml(contract),
    )
    if contract.submission_protocol:
        yield from _model(
            contract,
            f"stg_{feed}_version",
            "Which version of which record each row is, and what became of it.",
            f"record_versions('{feed}')",
            _version_yaml(contract),
        )
    yield from _model(
        contract,
        f"stg_{feed}",
        "Every record as it stands: refused rows are in stg_error_report.",
        f"records('{feed}')",
        _records_yaml(contract),
    )


def _model(
    contract: Contract, name: str, comment: str, call: str, yaml_text: str
) -> Iterator[tuple[Path, str]]:
    folder = STAGING / contract.feed
    yield folder / f"{name}.sql", f"-- {comment}\n{{{{ {call} }}}}\n"
    path = folder / f"{name}.yml"
    kept = ""
    if path.exists():
        _, marker, tests = path.read_text(encoding="utf-8").partition(UNIT_TESTS)
        kept = marker + tests
    yield path, yaml_text + kept


def _checked_yaml(contract: Contract) -> str:
    return _yaml(
        f"stg_{contract.feed}_checked",
        f"One row per landed row of a submission that is not a test: {contract.subject}, typed, "
        "each row with the list of its own errors. A value of the wrong type is missing here and "
        "named in `errors`.",
        _unique(f"unique_stg_{contract.feed}_checked_record", ("submission_id", "source_row")),
        [_column(column) for column in (*contract.columns, *CHECKED_COLUMNS)],
    )


def _version_yaml(contract: Contract) -> str:
    *columns, fate = (_column(column) for column in VERSION_COLUMNS)
    values = "".join(f"                  - {name}\n" for name in FATES)
    accepted = (
        "        data_tests:\n"
        f"          - accepted_values:\n              arguments:\n                values:\n{values}"
    )
    return _yaml(
        f"stg_{contract.feed}_version",
        f"One row per checked row of {contract.subject}: whether it stands, and if not, what "
        "became of it under the submission protocol (net change and bulk replacement).",
        _unique(f"unique_stg_{contract.feed}_version_row", ("submission_id", "source_row"))
        + _never_null(VERSION_COLUMNS),
        [*columns, fate + accepted],
    )


def _records_yaml(contract: Contract) -> str:
    # the ids of care records are those of their sender
    is_by_sender = bool(contract.submission_protocol or contract.event_date)
    key = ("submission_id", "source_row") if is_by_sender else contract.record_key
    named = ", ".join(name.replace("_", " ") for name in contract.record_key)
    by = f"by sender and {named}" if is_by_sender else f"by {named}"
    return _yaml(
        f"stg_{contract.feed}",
        f"One row per record that stands ({by}): {contract.subject}. Refused rows are in "
        "stg_error_report, replaced ones are counted in stg_submission_count.",
        _unique(f"unique_stg_{contract.feed}_record", key) + _never_null(contract.columns),
        [_column(column) for column in (*contract.columns, SUBMISSION_ID, SOURCE_ROW)],
    )


def _yaml(name: str, description: str, tests: str, columns: list[str]) -> str:
    return (
        "version: 2\n\nmodels:\n"
        f"  - name: {name}\n"
        f"{_description(description, 4)}"
        f"{tests}"
        "    columns:\n"
        f"{''.join(columns)}"
    )


def _unique(name: str, columns: tuple[str, ...]) -> str:
    key = " || '|' || ".join(columns)
    return (
        "    data_tests:\n      - unique:\n"
        f"          name: {name}\n"
        "          arguments:\n"
        f'            column_name: "{key}"\n'
    )


def _never_null(columns: Iterable[Column]) -> str:
    """The test of the columns that a record must have; none where it need not have any."""
    names = [column.name for column in columns if column.required]
    if not names:
        return ""
    listed = f"            columns: [{', '.join(names)}]\n"
    if len(listed.rstrip()) > WIDTH:
        listed = "            columns:\n" + "".join(f"              - {name}\n" for name in names)
    return f"      - never_null:\n          arguments:\n{listed}"


def _column(column: Column) -> str:
    return (
        f"      - name: {column.name}\n"
        f"{_description(column.description, 8)}"
        f"        data_type: {_data_type(column.data_type)}\n"
        f"        config: {{meta: {{sensitivity: {column.sensitivity}}}}}\n"
    )


def _data_type(data_type: str) -> str:
    return "decimal(18, 5)" if data_type == "decimal" else data_type


def _description(text: str, indent: int) -> str:
    """`description: >` folded, so that no text needs quotes."""
    margin = " " * (indent + 2)
    lines = textwrap.wrap(" ".join(text.split()), WIDTH - len(margin), break_on_hyphens=False)
    return f"{' ' * indent}description: >\n" + "".join(f"{margin}{line}\n" for line in lines)


@click.command(name="contracts")
def contracts_command() -> None:
    """Write the staging models and macros that follow from the input contracts.

    Run it after a change to models/staging/<feed>/_<feed>_source.yml, or after adding one.
    """
    for path, text in written_files().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            click.echo(f"wrote {path.relative_to(PROJECT_ROOT)}")
