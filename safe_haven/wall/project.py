"""dbt's manifest as the rules of the gate read it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from safe_haven.wall import policy
from safe_haven.wall.exception import release_date
from safe_haven.wall.parse import Tree, UnreadableSqlError, parse, walk

Node = Mapping[str, Any]
# (database, schema, name) of a relation, lower case as DuckDB compares them.
Name = tuple[str, str, str]
RELATIONS = ("model", "seed", "snapshot")
TESTS = ("test",)
COMPILED = ("model", "test", "analysis", "operation", "snapshot")


@dataclass
class Project:
    """A manifest, with the look-ups that the rules share; exceptions must hold on `day`."""

    manifest: Mapping[str, Any]
    day: datetime.date = field(default_factory=release_date)
    _trees: dict[str, Tree | None] = field(default_factory=dict)

    @cached_property
    def nodes(self) -> dict[str, Node]:
        """Every node that dbt runs or compiles, by unique id, in a fixed order."""
        return dict(sorted(self.manifest.get("nodes", {}).items()))

    @cached_property
    def sources(self) -> dict[str, Node]:
        """Every source table, by unique id."""
        return dict(sorted(self.manifest.get("sources", {}).items()))

    def of(self, *kinds: str) -> Iterator[Node]:
        """The nodes of the given resource types."""
        return (node for node in self.nodes.values() if node["resource_type"] in kinds)

    @cached_property
    def relations(self) -> dict[Name, Node]:
        """Models, seeds and sources by (database, schema, name), lower case."""
        found: dict[Name, Node] = {}
        for node in [*self.of(*RELATIONS), *self.sources.values()]:
            found[relation_name(node)] = node
        return found

    def tree(self, node: Node) -> Tree | None:
        """The parsed compiled SQL of a node, or None where it cannot be read."""
        key = node["unique_id"]
        if key not in self._trees:
            try:
                self._trees[key] = parse(node.get("compiled_code") or "")
            except UnreadableSqlError:
                self._trees[key] = None
        return self._trees[key]

    def parents(self, node: Node) -> list[Node]:
        """The models, seeds and sources that a node depends on by its own declaration."""
        names = node.get("depends_on", {}).get("nodes", [])
        known = {**self.nodes, **self.sources}
        return [known[name] for name in names if name in known]

    def read_by(self, node: Node) -> list[Node]:
        """What a node reads: by declaration and by its SQL, whichever says more."""
        found = {parent["unique_id"]: parent for parent in self.parents(node)}
        tree = self.tree(node) if node["resource_type"] in COMPILED else None
        for name in tables(tree or {}):
            if name in self.relations:
                parent = self.relations[name]
                found[parent["unique_id"]] = parent
        return list(found.values())


def relation_name(node: Node) -> Name:
    """(database, schema, name) of a relation, lower case as DuckDB compares them."""
    name = node.get("identifier") or node.get("alias") or node["name"]
    return (
        str(node.get("database") or "").lower(),
        str(node.get("schema") or "").lower(),
        str(name).lower(),
    )


def tables(tree: Tree) -> set[Name]:
    """Every qualified table that the SQL names, wherever it stands."""
    return {
        (
            item.get("catalog_name", "").lower(),
            item.get("schema_name", "").lower(),
            item.get("table_name", "").lower(),
        )
        for item in walk(tree)
        if item.get("type") == "BASE_TABLE" and ("catalog_name" in item or "schema_name" in item)
    }


def config(node: Node, name: str, default: Any = None) -> Any:
    """A setting of a node, from its config or, for older entries, from the node itself."""
    value = node.get("config", {}).get(name)
    return value if value is not None else node.get(name, default)


def folder(node: Node) -> str | None:
    """The key in policy.FOLDERS of the folder that a model lies in, or None."""
    parts = PurePosixPath(node.get("original_file_path", "").replace("\\", "/")).parts
    if len(parts) < 3 or parts[0] != "models":
        return None
    nested = "/".join(parts[1:3])
    if len(parts) > 3 and nested in policy.FOLDERS:
        return nested
    return parts[1] if parts[1] in policy.FOLDERS else None


def sensitivity(column: Node) -> str | None:
    """The declared sensitivity of a column, from config.meta or meta."""
    meta = {**column.get("meta", {}), **column.get("config", {}).get("meta", {})}
    return meta.get("sensitivity")


def is_landing(node: Node) -> bool:
    """Whether a source is a feed in the landing folder."""
    return node["resource_type"] == "source" and relation_name(node)[:2] == policy.LANDING


def external_location(node: Node) -> str:
    """The SQL by which dbt-duckdb reads a source that is not a table, or an empty text."""
    meta = {
        **node.get("meta", {}),
        **node.get("config", {}).get("meta", {}),
        **(node.get("source_meta") or {}),
    }
    return str(meta.get("external_location") or node.get("external_location") or "")


def is_identifiable(node: Node) -> bool:
    """Whether a relation belongs to the identifiable zone (landing included)."""
    return is_landing(node) or str(node.get("database") or "").lower() == "identifiable"


def reads_identifiable(project: Project, node: Node) -> bool:
    """Whether a node reads the identifiable zone, by declaration or by its SQL."""
    by_name = any(name[0] == "identifiable" for name in tables(project.tree(node) or {}))
    return by_name or any(is_identifiable(parent) for parent in project.read_by(node))


def label(node: Node) -> str:
    """How a finding names a node."""
    return str(node.get("name") or node["unique_id"])


def zone_of(node: Node) -> str:
    """The zone of a relation; what is in no zone counts as identifiable."""
    database = relation_name(node)[0]
    return database if database in policy.ZONES and not is_landing(node) else "identifiable"


def reading_key(node: Node) -> str:
    """What a relation counts as in the may-read column."""
    if node["resource_type"] == "seed":
        return "seeds"
    if node["resource_type"] == "source":
        if is_landing(node):
            return "landing"
        database, schema, _ = relation_name(node)
        return next(
            (
                key
                for key, place in policy.FOLDERS.items()
                if (place.database, place.schema) == (database, schema)
            ),
            "an undeclared source",
        )
    return folder(node) or "no known folder"


def own_macros(project: Project) -> Iterator[Node]:
    """The macros of this project, not dbt's own."""
    name = project.manifest.get("metadata", {}).get("project_name", "safe_haven")
    for macro in sorted(
        project.manifest.get("macros", {}).values(), key=lambda item: item["unique_id"]
    ):
        if macro.get("package_name", name) == name:
            yield macro


def hooks(node: Node) -> list[Any]:
    """The SQL run before and after a node."""
    found: list[Any] = []
    for key in ("pre-hook", "post-hook", "pre_hook", "post_hook"):
        found.extend(node.get("config", {}).get(key) or [])
    return found


def hook_text(hook: Any) -> str:
    """The text of a hook, which dbt keeps as an object or as plain text."""
    return str(hook.get("sql", "") if isinstance(hook, Mapping) else hook)
