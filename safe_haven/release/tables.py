"""The content tables a pack may carry, and what the disclosure audit must know of each.

A table that is not listed here cannot be released: without its dimensions and measures neither
its scope nor its disclosure can be proved.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from safe_haven.errors import SafeHavenError

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")

# The rule for published counts, of tables and of people behind them (release/rules.py holds it
# against the seed).
COUNT_RULE = {"suppress_lo": 1, "suppress_hi": 7, "round_to": 5, "zero_is_shown": True}
_COMMISSIONER = {"name": "commissioner", "levels": ["icb_code", "sub_icb_code"], "total": "ALL"}
_POINT_OF_DELIVERY = {
    "name": "point_of_delivery",
    "levels": ["point_of_delivery"],
    "total": "ALL",
}
# Nobody is in two age bands or under two sexes in one quarter; elsewhere people do not add.
_PEOPLE_ADD_OVER = ("age_band", "sex")


def _period(*levels: str) -> dict[str, Any]:
    """Every row says its first level: there is no total over all periods."""
    return {"name": "period", "levels": list(levels), "total": "ALL", "root_is_published": False}


def _rounded(dimensions: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "regime": "rounded",
        "rule": COUNT_RULE,
        "required_width": 2,
        "dimensions": dimensions,
        "measures": [
            {"name": "records", "kind": "records", "adds_over": "all"},
            {
                "name": "people",
                "kind": "people",
                "adds_over": [d["name"] for d in dimensions if d["name"] in _PEOPLE_ADD_OVER],
            },
            {"name": "bed_days", "kind": "sum", "adds_over": "all"},
        ],
        "status": "status",
    }


# One entry per aggregate content table: its `safe_haven` object in datapackage.json. The warehouse
# knows their dimensions from macros/disclosure/linked_tables.sql.
AGGREGATE: Mapping[str, Mapping[str, Any]] = {
    "mart_activity_by_provider": _rounded(
        [
            _COMMISSIONER,
            {"name": "provider", "levels": ["provider_code"], "total": "ALL"},
            _POINT_OF_DELIVERY,
            _period("quarter"),
        ]
    ),
    "mart_activity_by_month": _rounded(
        [_COMMISSIONER, _POINT_OF_DELIVERY, _period("quarter", "month")]
    ),
    "mart_activity_by_age_sex": _rounded(
        [
            _COMMISSIONER,
            {"name": "age_band", "levels": ["age_band"], "total": "ALL"},
            {"name": "sex", "levels": ["sex"], "total": "ALL"},
            _period("quarter"),
        ]
    ),
}

# Tables that are given to anybody, without an agreement.
OPEN: Mapping[str, Mapping[str, Any]] = {
    "mart_quality_by_provider": {
        "regime": "rounded",
        "rule": COUNT_RULE,
        "required_width": 2,
        "dimensions": [
            {"name": "feed", "levels": ["feed"], "total": "ALL", "root_is_published": False},
            {"name": "provider", "levels": ["provider_code"], "total": "ALL"},
            {
                "name": "data_item",
                "levels": ["data_item", "outcome"],
                "total": "ALL",
                "adds_for_each": True,
            },
            _period("quarter"),
        ],
        "measures": [{"name": "records", "kind": "units", "adds_over": "all"}],
        "status": "status",
    },
}

# The data set under which the seed of disclosure rules knows each table.
DATA_SET: Mapping[str, str] = {
    **dict.fromkeys(AGGREGATE, "activity"),
    **dict.fromkeys(OPEN, "data_quality"),
}


@dataclass(frozen=True)
class RecordTable:
    """Which columns of a record-level table hold its period and its person.

    The first of `months` that is not NULL says when the activity was.
    """

    months: tuple[str, ...]
    person: str


RECORD_LEVEL: Mapping[str, RecordTable] = {
    "apc_spell": RecordTable(
        months=("discharge_month", "admission_month"),
        person="person_pseudonym",
    ),
    "emergency_attendance": RecordTable(
        months=("arrival_month",),
        person="person_pseudonym",
    ),
}


def content_relation(table: str) -> str:
    """Where the warehouse holds the content of `table`: one relation for all agreements."""
    if not NAME.fullmatch(table):
        raise SafeHavenError(f"'{table}' cannot name a content table.")
    return f"restricted.releases.rel_{table.removeprefix('mart_')}"


def disclosure(table: str) -> dict[str, Any]:
    """A copy of the aggregate table's disclosure object."""
    return copy.deepcopy(dict(_described(table)))


def _described(table: str) -> Mapping[str, Any]:
    if table not in {**AGGREGATE, **OPEN}:
        raise SafeHavenError(
            f"The aggregate table '{table}' is not described in safe_haven/release/tables.py: "
            "its disclosure cannot be proved, so it is not released."
        )
    return AGGREGATE.get(table) or OPEN[table]


def levels(table: str, dimension: str) -> list[str]:
    """The columns of one dimension, top to bottom."""
    for described in _described(table)["dimensions"]:
        if described["name"] == dimension:
            return list(described["levels"])
    return []


def dimension_columns(table: str) -> list[str]:
    """Every column that tells one cell of the table from another."""
    return [level for item in _described(table)["dimensions"] for level in item["levels"]]


def measure_columns(table: str) -> list[str]:
    """The numeric columns of the table."""
    return [measure["name"] for measure in _described(table)["measures"]]


def status_column(table: str) -> str:
    """The column that says whether a row's figures are shown or withheld."""
    return _described(table)["status"]
