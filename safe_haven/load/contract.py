"""The input contracts: one dbt source YAML per feed is the only place where a feed is described.

The loader reads them here. The staging models read them through a macro which is written from
them (`./run contracts`), because dbt shows the source properties to a model
but not to its unit tests.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from safe_haven.errors import SafeHavenError
from safe_haven.load.code_format import CHECKED_BY_MACRO, code_formats
from safe_haven.paths import PROJECT_ROOT
from safe_haven.yaml_file import read_yaml

STAGING = PROJECT_ROOT / "models" / "staging"
MACRO_FILE = PROJECT_ROOT / "macros" / "submission" / "input_contract.sql"
ENVELOPE = "submission"
DATA_TYPES = ("varchar", "date", "time", "integer", "bigint", "decimal", "timestamp")
PROTOCOL_COLUMNS = ("update_type", "applicable_at")
SCHEDULES = ("weekly", "monthly", "quarterly", "yearly", "as_needed", "once")
WARN_AFTER_DAYS = {"weekly": 14, "monthly": 45, "quarterly": 120, "yearly": 450}
"""When a feed of a schedule is late: `freshness` of its source, a period and a part of the next."""
OBJECTION_KINDS = ("type_1",)
ORGANISATION_CODE = re.compile(r"[A-Z0-9]{3,6}")
SENSITIVITIES = ("identifier", "quasi", "restricted", "plain")
NUMBERS = ("integer", "decimal")
LARGEST_MAXIMUM = 999_999_999
"""A number with ten digits before the point could be an NHS number."""
REQUIRED_TABLE_META = {
    "subject",
    "schedule",
    "source_document",
    "senders",
    "record_key",
    "date_order",
}
TABLE_META = REQUIRED_TABLE_META | {
    "submission_protocol",
    "sender_column",
    "reference_data",
    "event_date",
    "collected_until",
    "handed_over_whole",
    "issued_person_id",
    "objection_kind",
    "core_model",
    "second_person",
}
REQUIRED_COLUMN_META = {"sensitivity", "reference"}
COLUMN_META = REQUIRED_COLUMN_META | {
    "required",
    "code_list",
    "format",
    "maximum",
    "on_error",
    "future_allowed",
    "differs_from",
    "added_by_loader",
}


@dataclass(frozen=True)
class Column:
    """One column of a contract.

    `on_error` is what a value does that breaks a rule of its column: `reject` refuses the row,
    `blank` keeps the row, sets the value to missing and warns. Two dates in the wrong order always
    refuse the row. `differs_from` names the column of another person whose value must not stand
    here: where it does, it is that person's. `maximum` is the largest number that is believed,
    whatever its sign.
    """

    name: str
    description: str
    data_type: str
    sensitivity: str
    reference: str
    required: bool = False
    code_list: str | None = None
    format: str | None = None
    maximum: int | None = None
    on_error: str = "reject"
    future_allowed: bool = False
    differs_from: str | None = None

    @property
    def is_shaped(self) -> bool:
        """Whether a value of the column is held to a list, a form or a bound.

        Identifiers are not: they cross the wall as keys, or not at all.
        """
        if self.code_list or self.format or self.sensitivity == "identifier":
            return True
        return self.data_type not in ("varchar", *NUMBERS) or self.maximum is not None

    def rules(self) -> dict[str, Any]:
        """The part that the staging macros need, without defaults."""
        rules: dict[str, Any] = {}
        if self.data_type != "varchar":
            rules["data_type"] = self.data_type
        if self.required:
            rules["required"] = True
        if self.code_list:
            rules["code_list"] = self.code_list
        if self.format:
            rules["format"] = self.format
        if self.maximum is not None:
            rules["maximum"] = self.maximum
        if self.on_error != "reject":
            rules["on_error"] = self.on_error
        if self.future_allowed:
            rules["future_allowed"] = True
        if self.differs_from:
            rules["differs_from"] = self.differs_from
        return rules


@dataclass(frozen=True)
class Contract:
    """The contract of a feed: its columns in file order, its key and its pairs of ordered dates.

    `senders` are the codes of the organisations that may send any record of the feed: the keeper of
    a register, the body that collects. `sender_column` names the column of the organisation that
    may send its own records besides; without it nobody else may send anything.

    `submission_protocol` holds, where the feed follows the submission protocol of commissioning
    data sets, pairs of bulk replacement group and activity date: the first pair whose date a row
    carries decides the row's group and activity date. Empty: a record's latest copy wins.
    `reference_data`: a published file that replaces the one before it as a whole; it must say as
    of which day it speaks.

    `event_date` is the date of care of a feed of care records, by which a person's age and address
    are taken; feeds without one hold people, places, practices or money. `collected_until` is the
    last day of receipt of a collection that ends. `handed_over_whole` says that the records are of
    no person, so that each accepted one is a row of hnd_<feed> and is counted across the wall.

    `issued_person_id` names the columns (who issued it, the id) that say who a record is about
    where it has no NHS number. `objection_kind` is the kind of objection that a sender must have
    applied: a record of an objector is refused. `core_model` is the fact that the records become,
    where its name is not `fct_<feed>`.

    `second_person` is, where a care record names another person too, that person's role and the
    column of their NHS number: a birth record is of the baby and names the mother.
    """

    feed: str
    subject: str
    source_document: str
    senders: tuple[str, ...]
    schedule: str
    record_key: tuple[str, ...]
    date_order: tuple[tuple[str, str], ...]
    columns: tuple[Column, ...]
    submission_protocol: tuple[tuple[str, str], ...] = ()
    reference_data: bool = False
    event_date: str | None = None
    collected_until: date | None = None
    handed_over_whole: bool = False
    issued_person_id: tuple[str, ...] = ()
    objection_kind: str | None = None
    core_model: str | None = None
    second_person: tuple[str, str] | None = None
    sender_column: str | None = None

    def may_send(self, organisation: str) -> bool:
        """Whether a file is taken from an organisation.

        Where `sender_column` lets everyone send its own records, the build refuses those of others.
        """
        return self.sender_column is not None or organisation in self.senders

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns that a sender fills, in file order."""
        return tuple(column.name for column in self.columns)


@cache
def contracts() -> dict[str, Contract]:
    """Every contract by feed, the envelope (`submission`) included, in order of name.

    Raises SafeHavenError where a contract does not say what a contract must say.
    """
    found = (read_contract(path) for path in sorted(STAGING.glob("*/_*_source.yml")))
    return {contract.feed: contract for contract in found}


def read_contract(path: Path) -> Contract:
    """Read one source YAML: one source with one table, named `landing_<feed>` and `<feed>`."""
    document = read_yaml(path)
    (source,) = document["sources"]
    (table,) = source["tables"]
    feed = table["name"]
    if source["name"] != f"landing_{feed}":
        raise _broken(path, f"source {source['name']} must be named landing_{feed}")
    meta = table["config"]["meta"]
    _check_meta(path, f"table {feed}", meta, TABLE_META, REQUIRED_TABLE_META)
    columns = [c for c in table["columns"] if not c["config"]["meta"].get("added_by_loader")]
    contract = Contract(
        feed=feed,
        subject=meta["subject"],
        source_document=meta["source_document"],
        senders=tuple(meta["senders"]),
        schedule=meta["schedule"],
        record_key=tuple(meta["record_key"]),
        date_order=tuple((earlier, later) for earlier, later in meta["date_order"]),
        columns=tuple(_column(path, column) for column in columns),
        submission_protocol=tuple(
            (pair["bulk_replacement_group"], pair["activity_date"])
            for pair in meta.get("submission_protocol", [])
        ),
        reference_data=meta.get("reference_data", False),
        event_date=meta.get("event_date"),
        collected_until=meta.get("collected_until"),
        handed_over_whole=meta.get("handed_over_whole", False),
        issued_person_id=tuple(meta.get("issued_person_id", [])),
        objection_kind=meta.get("objection_kind"),
        core_model=meta.get("core_model"),
        second_person=_second_person(meta),
        sender_column=meta.get("sender_column"),
    )
    _check_names(path, contract)
    return contract


def _check_meta(
    path: Path, where: str, meta: dict[str, Any], known: set[str], required: set[str]
) -> None:
    """A misspelt key would be a rule that nobody applies."""
    if unknown := sorted(set(meta) - known):
        raise _broken(path, f"{where}: unknown meta {', '.join(unknown)}")
    if missing := sorted(required - set(meta)):
        raise _broken(path, f"{where}: lacks meta {', '.join(missing)}")


def _second_person(meta: dict[str, Any]) -> tuple[str, str] | None:
    second = meta.get("second_person")
    return (second["role"], second["nhs_number"]) if second else None


def _column(path: Path, column: dict[str, Any]) -> Column:
    meta = column["config"]["meta"]
    name = column["name"]
    _check_meta(path, f"column {name}", meta, COLUMN_META, REQUIRED_COLUMN_META)
    read = Column(
        name=name,
        description=column["description"].strip(),
        data_type=column["data_type"],
        **{key: value for key, value in meta.items() if key != "added_by_loader"},
    )
    allowed = (
        (read.data_type, DATA_TYPES),
        (read.sensitivity, SENSITIVITIES),
        (read.format, (None, *CHECKED_BY_MACRO, *code_formats())),
        (read.on_error, ("reject", "blank")),
    )
    for value, values in allowed:
        if value not in values:
            raise _broken(path, f"column {name}: {value} is not one of {values}")
    return read


def _check_names(path: Path, contract: Contract) -> None:
    names = contract.column_names
    ordered = (name for pair in contract.date_order for name in pair)
    mentioned = {*contract.record_key, *ordered, *contract.issued_person_id}
    if missing := sorted(mentioned - set(names)):
        raise _broken(path, f"key, date order or person names no column: {', '.join(missing)}")
    if len(set(names)) != len(names):
        raise _broken(path, "a column is listed twice")
    if blanked := sorted(
        c.name
        for c in contract.columns
        if c.on_error == "blank" and c.name in (*contract.record_key, contract.event_date)
    ):
        raise _broken(path, f"a record cannot do without its {', '.join(blanked)}: reject it")
    numbers = {column.name for column in contract.columns if column.format == "nhs_number"}
    others = {column.differs_from for column in contract.columns if column.differs_from}
    if contract.second_person:
        others.add(contract.second_person[1])
    if missing := sorted(others - numbers):
        raise _broken(path, f"not an NHS number of this feed: {', '.join(missing)}")
    if contract.schedule not in SCHEDULES:
        raise _broken(path, f"schedule {contract.schedule} is not one of {SCHEDULES}")
    _check_shapes(path, contract)
    _check_senders(path, contract)
    _check_event_date(path, contract)
    _check_handed_over_whole(path, contract)
    _check_objection(path, contract)
    _check_protocol(path, contract)


def _check_shapes(path: Path, contract: Contract) -> None:
    """What a sender may type is bounded; of the envelope the loader writes every value."""
    if contract.feed == ENVELOPE:
        return
    if loose := [column.name for column in contract.columns if not column.is_shaped]:
        raise _broken(path, f"any value passes: {', '.join(loose)} need a list, format or maximum")
    if large := [c.name for c in contract.columns if (c.maximum or 0) > LARGEST_MAXIMUM]:
        raise _broken(path, f"a maximum above {LARGEST_MAXIMUM:,}: {', '.join(large)}")
    formats = code_formats()
    published = [
        c.name for c in contract.columns if c.format in formats and formats[c.format].published
    ]
    if published and "nhs_number" in contract.column_names:
        raise _broken(path, f"text of a list in records of people: {', '.join(published)}")


def _check_senders(path: Path, contract: Contract) -> None:
    """Somebody may send a feed; a record that does not say whose it is cannot be judged."""
    if wrong := [c for c in contract.senders if not ORGANISATION_CODE.fullmatch(str(c))]:
        raise _broken(path, f"senders are organisation codes, in quotes: not {wrong}")
    if contract.sender_column:
        named = [c for c in contract.columns if c.name == contract.sender_column]
        if not any(c.required and c.on_error == "reject" for c in named):
            raise _broken(path, "sender_column needs a column whose absence is refused")
    elif not contract.senders and contract.feed != ENVELOPE:
        raise _broken(path, "nobody may send it: say senders or sender_column")


def _check_event_date(path: Path, contract: Contract) -> None:
    """A care record names a person and has the date of care."""
    if contract.event_date is None:
        return
    if len(contract.record_key) > 1:
        raise _broken(path, "a care record needs an id of its own: one column as record_key")
    dates = {column.name for column in contract.columns if column.data_type == "date"}
    if contract.event_date not in dates:
        raise _broken(path, f"event_date {contract.event_date} is not a date of this feed")
    if missing := sorted({"nhs_number", "provider_code"} - set(contract.column_names)):
        raise _broken(path, f"a care record needs {', '.join(missing)}")


def _check_handed_over_whole(path: Path, contract: Contract) -> None:
    """What crosses the wall as it is holds no identifier but the id of a record, which is keyed."""
    if not contract.handed_over_whole:
        return
    if identifiers := [
        c.name
        for c in contract.columns
        if c.sensitivity == "identifier"
        and (c.name not in contract.record_key or c.format == "nhs_number")
    ]:
        raise _broken(path, f"handed over whole, but {', '.join(identifiers)} may not cross")


def _check_objection(path: Path, contract: Contract) -> None:
    """Whether a person objects can only be known by a valid number, so each record needs one."""
    if contract.objection_kind is None:
        return
    if contract.objection_kind not in OBJECTION_KINDS:
        raise _broken(
            path, f"objection_kind {contract.objection_kind} is not one of {OBJECTION_KINDS}"
        )
    numbers = [c for c in contract.columns if c.name == "nhs_number"]
    if not any(c.required and c.format and c.on_error == "reject" for c in numbers):
        raise _broken(path, "objection_kind needs an nhs_number whose absence or error is refused")


def _check_protocol(path: Path, contract: Contract) -> None:
    """A feed under the submission protocol has its columns, and dates as activity dates."""
    if not contract.submission_protocol:
        return
    names = set(contract.column_names)
    if missing := [name for name in PROTOCOL_COLUMNS if name not in names]:
        raise _broken(path, f"the submission protocol needs {', '.join(missing)}")
    dates = {column.name for column in contract.columns if column.data_type == "date"}
    if wrong := [date for _, date in contract.submission_protocol if date not in dates]:
        raise _broken(path, f"not a date of this feed: {', '.join(wrong)}")


def _broken(path: Path, reason: str) -> SafeHavenError:
    return SafeHavenError(f"The input contract {path} is wrong: {reason}. Correct the file.")


def macro_text() -> str:
    """The macros `input_contracts()` and `input_contract(feed)`: rules as a Jinja dictionary."""
    feeds = [_feed_text(c) for c in contracts().values() if c.feed != ENVELOPE]
    return "\n".join(
        [
            "{#- Written from models/staging/*/_*_source.yml: do not edit, run",
            "    `./run contracts` -#}",
            "{%- macro input_contracts() -%}",
            "    {%- set contracts = {",
            *feeds,
            "    } -%}",
            "    {{ return(contracts) }}",
            "{%- endmacro -%}",
            "",
            "",
            "{%- macro input_contract(feed) -%}",
            "    {%- set contracts = input_contracts() -%}",
            "    {%- if feed not in contracts -%}",
            "        {{ exceptions.raise_compiler_error('No input contract for feed ' ~ feed) }}",
            "    {%- endif -%}",
            "    {{ return(contracts[feed]) }}",
            "{%- endmacro -%}",
            "",
        ]
    )


def _feed_text(contract: Contract) -> str:
    columns = ",\n".join(
        f"                '{column.name}': {_literal(column.rules())}"
        for column in contract.columns
    )
    order = ",\n".join(f"                {_literal(list(pair))}" for pair in contract.date_order)
    parts = [
        f"'record_key': {_literal(list(contract.record_key))}",
        f"'senders': {_literal(list(contract.senders))}",
        f"'columns': {{\n{columns}\n            }}",
        f"'date_order': [\n{order}\n            ]" if order else "'date_order': []",
    ]
    if contract.sender_column:
        parts.append(f"'sender_column': '{contract.sender_column}'")
    if contract.submission_protocol:
        pairs = [list(pair) for pair in contract.submission_protocol]
        parts.append(f"'submission_protocol': {_literal(pairs)}")
    if contract.event_date:
        parts.append(f"'event_date': '{contract.event_date}'")
    if contract.handed_over_whole:
        parts.append("'handed_over_whole': true")
    if contract.reference_data:
        parts.append("'reference_data': true")
    if contract.collected_until:
        parts.append(f"'collected_until': '{contract.collected_until}'")
    if contract.issued_person_id:
        parts.append(f"'issued_person_id': {_literal(list(contract.issued_person_id))}")
    if contract.objection_kind:
        parts.append(f"'objection_kind': '{contract.objection_kind}'")
    if contract.core_model:
        parts.append(f"'core_model': '{contract.core_model}'")
    if contract.second_person:
        role, nhs_number = contract.second_person
        parts.append(f"'second_person': {{'role': '{role}', 'nhs_number': '{nhs_number}'}}")
    rules = ",\n            ".join(parts)
    return f"        '{contract.feed}': {{\n            {rules}\n        }},"


def _literal(value: Any) -> str:
    """A Jinja literal: JSON with single quotes (names only: no quote can occur in a value)."""
    text = json.dumps(value)
    if re.search(r"['\\]", text):
        raise SafeHavenError(f"A contract value holds a quote or a backslash: {text}.")
    return text.replace('"', "'")
