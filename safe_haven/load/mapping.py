"""Mappings: how a file in some layout becomes a file of a feed. A new layout is a YAML, not code.

    layout: hes-apc                     the word on the command line
    like: ods-etr                       what is not said here is as in that layout, column by column
    feed: apc_episode                   the contract it is mapped to
    source_document: HES TOS v1.15
    encoding: utf-8                     or latin-1
    delimiter: ","
    sender: X26                         who sends such files, unless --sender says otherwise
    file_columns: [code, name, ...]     a file without a header: its columns by position, named here
    columns:                            contract column: where its value comes from
      sex: {from: SEX}
      gp_practice_code: {from: GPPRAC, values: {"&": V81999}}
      date_of_birth: {from: MYDOB, date_format: "%m%Y"}
      valid_to: {from: DOTERM, date_format: "%Y%m", last_day_of_month: true}
      activity_month: {from: Period, date_format: "MSitAE-%B-%Y", or_of_file: true}
      nhs_number: {from: ID, remove: "-"}
      commissioner_code: {from: PURCODE, take: 3}
      achievement_percent: {from: perc_achievement, decimals: 5}
      episode_status: {constant: "3"}
      secondary_diagnoses:              DIAG_4_02 to DIAG_4_20 with ; between, some skipped
        {gather: {prefix: DIAG_4_, first: 2, last: 20}, skip: ["-", "&"]}
    not_in_file: [postcode]             contract columns that the layout does not have
    ignored: ["DIAG_*"]                 columns that are known and not wanted; patterns

Every contract column is in `columns` or in `not_in_file`: nothing is forgotten in silence. A value
that does not fit a date format stays as it is, so that the contract refuses the row and says why;
with `or_of_file` it takes the earliest date of the file's other rows (a total has no month).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from safe_haven.errors import SafeHavenError, shown
from safe_haven.load.contract import ENVELOPE, Contract, contracts
from safe_haven.yaml_file import read_yaml

MAPPINGS = Path(__file__).resolve().parent / "mappings"
OWN_LAYOUT = "landing-"
ENCODINGS = ("utf-8", "latin-1")
MAPPING_KEYS = {
    "layout",
    "like",
    "feed",
    "source_document",
    "encoding",
    "delimiter",
    "sender",
    "file_columns",
    "columns",
    "not_in_file",
    "ignored",
}
RULE_KEYS = {
    "from",
    "constant",
    "gather",
    "skip",
    "values",
    "take",
    "date_format",
    "last_day_of_month",
    "time_format",
    "drop_zero_decimals",
    "decimals",
    "remove",
    "or_of_file",
}
GATHER_KEYS = {"prefix", "first", "last"}
BETWEEN_CODES = ";"


@dataclass(frozen=True)
class Rule:
    """Where one contract column comes from, and how it is written there."""

    source: str | None = None
    constant: str | None = None
    gathered: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    values: dict[str, str] = field(default_factory=dict)
    take: int | None = None
    date_format: str | None = None
    last_day_of_month: bool = False
    time_format: str | None = None
    drop_zero_decimals: bool = False
    decimals: int | None = None
    remove: str | None = None
    or_of_file: bool = False

    def sql(self) -> str:
        """A text expression over the file's columns, spaces trimmed, never NULL."""
        if self.gathered:
            return self._gathered_sql()
        if self.source is None:
            return quoted(self.constant or "")
        trimmed = _trimmed(self.source)
        value = trimmed
        if self.take is not None:
            value = f"left({value}, {self.take})"
        if self.remove is not None:
            value = f"replace({value}, {quoted(self.remove)}, '')"
        if self.drop_zero_decimals:
            value = rf"regexp_replace({value}, '\.0+$', '')"
        if self.decimals is not None:
            number = f"round(try_cast({value} as decimal(30, 15)), {self.decimals})::varchar"
            value = f"coalesce({number}, {value})"
        for written, iso in ((self.date_format, "%Y-%m-%d"), (self.time_format, "%H:%M")):
            if written:
                parsed = f"try_strptime({value}, {quoted(written)})"
                if self.last_day_of_month:
                    parsed = f"last_day({parsed})"
                parsed = f"strftime({parsed}, {quoted(iso)})"
                of_file = f"min({parsed}) over (), " if self.or_of_file else ""
                value = f"coalesce({parsed}, {of_file}{value})"
        for old, new in self.values.items():
            value = f"case when {trimmed} = {quoted(old)} then {quoted(new)} else {value} end"
        return value

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns of the file that the value is made from."""
        return self.gathered or (() if self.source is None else (self.source,))

    def _gathered_sql(self) -> str:
        """The values of several columns in one text, in order, without the skipped ones."""
        skipped = ", ".join(quoted(text) for text in ("", *self.skip))
        parts = ", ".join(_trimmed(name) for name in self.gathered)
        kept = f"list_filter([{parts}], lambda part : part not in ({skipped}))"
        return f"array_to_string({kept}, {quoted(BETWEEN_CODES)})"


@dataclass(frozen=True)
class Mapping:
    """A layout: the contract that it is mapped to, how the file is written, and the rules."""

    layout: str
    contract: Contract
    rules: dict[str, Rule]
    encoding: str = "utf-8"
    delimiter: str = ","
    sender: str | None = None
    source_document: str = ""
    ignored: tuple[str, ...] = ()
    file_columns: tuple[str, ...] = ()

    @property
    def header_lines(self) -> int:
        """1 for a file whose first line names its columns, 0 for one without a header."""
        return 0 if self.file_columns else 1

    @property
    def source_columns(self) -> list[str]:
        """The columns that the file must have, in order of the contract, each once."""
        sources = (name for rule in self.rules.values() for name in rule.sources)
        return list(dict.fromkeys(sources))

    def is_known(self, name: str) -> bool:
        """Whether a column of the file is mapped or listed as ignored."""
        return name in self.source_columns or any(fnmatchcase(name, p) for p in self.ignored)

    def select_list(self) -> str:
        """The SQL select list from the file's columns to the contract's, in contract order."""
        names = self.contract.column_names
        return ",\n".join(f"{self.rules[name].sql()} as {identifier(name)}" for name in names)


def layouts() -> list[str]:
    """Every layout that can be loaded: the written mappings, then the feeds' own layouts."""
    written = sorted(path.stem for path in MAPPINGS.glob("*.yml"))
    own = [OWN_LAYOUT + feed.replace("_", "-") for feed in contracts() if feed != ENVELOPE]
    return written + own


def find_mapping(layout: str) -> Mapping:
    """The mapping of a layout; SafeHavenError names those of a similar name."""
    if layout not in layouts():
        near = ", ".join(get_close_matches(layout, layouts(), n=5, cutoff=0.5))
        raise SafeHavenError(
            f"There is no layout {shown(layout)}. {f'Similar ones: {near}. ' if near else ''}"
            f"Layouts are the files of safe_haven/load/mappings, and {OWN_LAYOUT}<feed> for each "
            f"folder of models/staging, with - for _. A new one is a mapping of your own."
        )
    if layout.startswith(OWN_LAYOUT):
        return own_layout(contracts()[layout.removeprefix(OWN_LAYOUT).replace("-", "_")])
    return read_mapping(MAPPINGS / f"{layout}.yml")


def own_layout(contract: Contract) -> Mapping:
    """The layout of a file that has the contract's own columns."""
    return Mapping(
        layout=OWN_LAYOUT + contract.feed.replace("_", "-"),
        contract=contract,
        rules={name: Rule(source=name) for name in contract.column_names},
        source_document=contract.source_document,
    )


def read_mapping(path: Path) -> Mapping:
    """Read and check one mapping; SafeHavenError says what is wrong with it."""
    document = _completed(path, read_yaml(path))
    if problems := _problems(path, document):
        raise _wrong(path, problems)
    contract = contracts()[document["feed"]]
    rules = {name: _rule(rule) for name, rule in document["columns"].items()}
    rules |= {name: Rule(constant="") for name in document.get("not_in_file", [])}
    return Mapping(
        layout=document["layout"],
        contract=contract,
        rules=rules,
        encoding=document.get("encoding", "utf-8"),
        delimiter=document.get("delimiter", ","),
        sender=document.get("sender"),
        source_document=document["source_document"],
        ignored=tuple(document.get("ignored", ())),
        file_columns=tuple(document.get("file_columns", ())),
    )


def _completed(path: Path, own: dict[str, Any]) -> dict[str, Any]:
    """The document with what it takes over from the layout that it is like.

    Its own keys and columns replace the other's. The other stands for itself: so no circle, and
    two files at most say what a layout is.
    """
    if "like" not in own:
        return own
    other = path.with_name(f"{own['like']}.yml")
    if other not in path.parent.glob("*.yml"):
        raise _wrong(path, [f"like names {own['like']}, which is no mapping"])
    base = read_yaml(other)
    if "like" in base:
        raise _wrong(path, [f"like names {own['like']}, which is itself like {base['like']}"])
    columns = base.get("columns", {}) | own.get("columns", {})
    return base | own | {"columns": columns}


def _wrong(path: Path, problems: list[str]) -> SafeHavenError:
    return SafeHavenError(f"The mapping {path.name} is wrong: {'; '.join(problems)}.")


def _problems(path: Path, document: dict[str, Any]) -> list[str]:
    if unknown := sorted(set(document) - MAPPING_KEYS):
        return [f"unknown {', '.join(unknown)}"]
    feed = document.get("feed")
    if feed not in contracts() or feed == ENVELOPE:
        return [f"feed {feed} has no contract"]
    problems = []
    if document.get("layout") != path.stem:
        problems.append(f"layout must be {path.stem}, the name of the file")
    if not document.get("source_document"):
        problems.append("source_document is missing")
    if document.get("encoding", "utf-8") not in ENCODINGS:
        problems.append(f"encoding must be one of {', '.join(ENCODINGS)}")
    mapped, absent = list(document.get("columns", {})), list(document.get("not_in_file", []))
    names = set(contracts()[feed].column_names)
    if unknown := sorted((set(mapped) | set(absent)) - names):
        problems.append(f"not in the contract: {', '.join(unknown)}")
    if forgotten := sorted(names - set(mapped) - set(absent)):
        problems.append(f"neither in columns nor in not_in_file: {', '.join(forgotten)}")
    if both := sorted(set(mapped) & set(absent)):
        problems.append(f"both in columns and in not_in_file: {', '.join(both)}")
    for name, rule in document.get("columns", {}).items():
        problems += _rule_problems(name, rule)
    return problems or _file_column_problems(document)


def _file_column_problems(document: dict[str, Any]) -> list[str]:
    """A file without a header: every position has a name of its own, every rule a position."""
    if "file_columns" not in document:
        return []
    positions = document["file_columns"]
    rules = map(_rule, document.get("columns", {}).values())
    sources = {name for rule in rules for name in rule.sources}
    problems = []
    if twice := sorted({name for name in positions if positions.count(name) > 1}):
        problems.append(f"file_columns names twice: {', '.join(twice)}")
    if unknown := sorted(sources - set(positions)):
        problems.append(f"not in file_columns: {', '.join(unknown)}")
    return problems


def _rule_problems(name: str, rule: dict[str, Any]) -> list[str]:
    problems = []
    if unknown := sorted(set(rule) - RULE_KEYS):
        problems.append(f"{name}: unknown {', '.join(unknown)}")
    if sum(kind in rule for kind in ("from", "constant", "gather")) != 1:
        problems.append(f"{name}: needs either from, constant or gather")
    if "gather" in rule and set(rule["gather"]) != GATHER_KEYS:
        problems.append(f"{name}: gather needs {', '.join(sorted(GATHER_KEYS))}")
    if "gather" in rule and set(rule) - {"gather", "skip"}:
        problems.append(f"{name}: gather takes skip and nothing else")
    if "skip" in rule and "gather" not in rule:
        problems.append(f"{name}: skip belongs to gather")
    if rule.get("or_of_file") and "date_format" not in rule:
        problems.append(f"{name}: or_of_file needs date_format")
    values = rule.get("values", {})
    if not all(isinstance(text, str) for pair in values.items() for text in pair):
        problems.append(f"{name}: values must be text, in quotes")
    return problems


def _rule(rule: dict[str, Any]) -> Rule:
    if "gather" in rule:
        gather = rule["gather"]
        numbers = range(gather["first"], gather["last"] + 1)
        return Rule(
            gathered=tuple(f"{gather['prefix']}{number:02d}" for number in numbers),
            skip=tuple(rule.get("skip", ())),
        )
    return Rule(
        source=rule.get("from"),
        **{key: value for key, value in rule.items() if key != "from"},
    )


def _trimmed(name: str) -> str:
    """The text of a column of the file, without spaces around it, never NULL."""
    return f"trim(coalesce({identifier(name)}, ''))"


def quoted(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
