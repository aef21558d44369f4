"""The shapes of codes that a contract may name as `format`, and the macro that holds them.

`code_formats.yml` is the one place that defines them and says what its keys mean.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from safe_haven.errors import SafeHavenError
from safe_haven.paths import PROJECT_ROOT
from safe_haven.yaml_file import read_yaml

FORMAT_FILE = Path(__file__).with_name("code_formats.yml")
FORMAT_MACRO_FILE = PROJECT_ROOT / "macros" / "submission" / "code_formats.sql"
CHECKED_BY_MACRO = ("nhs_number", "postcode", "snomed_code", "snomed_code_sequence")
"""Formats that need more than a regular expression: see the macro format_error."""
REQUIRED_KEYS = {"source", "sent_as"}
KEYS = REQUIRED_KEYS | {"forms", "sequence_of", "reserved", "no_number", "long", "published"}


@dataclass(frozen=True)
class CodeFormat:
    """One shape: `pattern` is a regular expression (RE2) over the whole value."""

    pattern: str
    sent_as: str
    reserved: tuple[str, ...] = ()
    no_number: bool = False
    long: bool = False
    published: bool = False


@cache
def code_formats() -> dict[str, CodeFormat]:
    """Every format of the file by name. Raises SafeHavenError where one does not say its form."""
    formats: dict[str, CodeFormat] = {}
    for name, said in read_yaml(FORMAT_FILE).items():
        if set(said) - KEYS or REQUIRED_KEYS - set(said):
            raise SafeHavenError(f"{FORMAT_FILE}: {name} lacks a key or has an unknown one.")
        if ("forms" in said) == ("sequence_of" in said):
            raise SafeHavenError(f"{FORMAT_FILE}: {name} needs either forms or sequence_of.")
        formats[name] = CodeFormat(
            pattern=_pattern(said, formats),
            sent_as=said["sent_as"],
            reserved=tuple(said.get("reserved", [])),
            no_number=said.get("no_number", False),
            long=said.get("long", False),
            published=said.get("published", False),
        )
    return formats


def _pattern(said: dict[str, Any], formats: dict[str, CodeFormat]) -> str:
    if "forms" in said:
        return "|".join(said["forms"])
    one = f"({formats[said['sequence_of']].pattern})"
    return f"{one}(;{one})*"


def format_macro_text() -> str:
    """The macro `code_formats()`: what the staging macros need, as a Jinja dictionary."""
    lines = [
        f"        {json.dumps(name)}: {json.dumps(_needed(code_format))},"
        for name, code_format in code_formats().items()
    ]
    return "\n".join(
        [
            "{#- Written from safe_haven/load/code_formats.yml: do not edit, run",
            "    `./run contracts` -#}",
            "{%- macro code_formats() -%}",
            "    {%- set formats = {",
            *lines,
            "    } -%}",
            "    {{ return(formats) }}",
            "{%- endmacro -%}",
            "",
        ]
    )


def _needed(code_format: CodeFormat) -> dict[str, Any]:
    facts = asdict(code_format)
    del facts["published"]
    return {key: value for key, value in facts.items() if value}
