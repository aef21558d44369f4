"""datapackage.json: the tables of an aggregate pack described in the Frictionless form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from safe_haven.errors import SafeHavenError
from safe_haven.release import tables
from safe_haven.release.entitlement import Entitlement
from safe_haven.release.render import DUCKDB_TYPE, Field

MISSING_VALUES = [""]


def scope(entitlement: Entitlement) -> dict[str, Any]:
    """The commissioners whose rows are complete in the pack, children included.

    `national_parts` lists the codes, in any pack or in none, whose rows add up to the national
    ones: only who holds all of them can subtract them from the nation.
    """
    complete: dict[str, Any] = {
        "icb_code": sorted(entitlement.codes.get("icb_code", ())),
        "national": entitlement.national,
    }
    if entitlement.national:
        complete["national_parts"] = {
            level: list(codes) for level, codes in entitlement.national_parts.items()
        }
    return complete


def datapackage(entitlement: Entitlement, content: Mapping[str, Sequence[Field]]) -> dict[str, Any]:
    """The whole document; `content` gives the fields of each table."""
    agreement = entitlement.agreement
    name = f"{agreement['recipient_code']}-{agreement['agreement_id']}".lower()
    return document(name, scope(entitlement), content)


def document(
    name: str, complete: Mapping[str, Any], content: Mapping[str, Sequence[Field]]
) -> dict[str, Any]:
    """The document of a pack of aggregate tables. complete: see `scope`."""
    return {
        "name": name,
        "profile": "data-package",
        "safe_haven": {"scope": complete},
        "resources": [
            {
                "name": table,
                "path": f"data/{table}.csv",
                "profile": "tabular-data-resource",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "dialect": {"delimiter": ",", "lineTerminator": "\n", "header": True},
                "schema": {
                    "fields": [
                        {"name": field.name, "type": field.type, "description": field.description}
                        for field in fields
                    ],
                    "missingValues": MISSING_VALUES,
                },
                "safe_haven": tables.disclosure(table) | {"scope": complete},
            }
            for table, fields in sorted(content.items())
        ],
    }


def fields_by_table(document: Any) -> dict[str, list[Field]]:
    """Read the tables and their fields from a document of unknown origin."""
    content: dict[str, list[Field]] = {}
    try:
        for resource in document["resources"]:
            fields = [
                Field(str(field["name"]), str(field["type"]), str(field["description"]))
                for field in resource["schema"]["fields"]
            ]
            content[str(resource["name"])] = fields
    except (KeyError, TypeError):
        raise SafeHavenError("datapackage.json does not describe its tables.") from None
    for table, fields in content.items():
        tables.disclosure(table)
        names = [field.name for field in fields]
        if len(set(names)) != len(names) or not names:
            raise SafeHavenError(f"datapackage.json: {table} has no columns, or one of them twice.")
        for field in fields:
            if not tables.NAME.fullmatch(field.name) or field.type not in DUCKDB_TYPE:
                raise SafeHavenError(f"datapackage.json: {table} has a field it cannot have.")
    return content
