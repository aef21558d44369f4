"""Where the values of each output column come from, traced through one SELECT statement.

A *mark* says that a value is an identifier, part of one, or ordered by one. Marks travel from the
columns of the relations read, through CTEs, subqueries, set operations and expressions, to the
columns that come out. What the trace does not know it reports as a problem: nothing is waved
through because its syntax was new.

Three ways by which a value leaks without being copied are marks too:

- a column compared for equality with an identifier holds that identifier from then on;
- CASE over a question about part of an identifier gives that part away, one digit at a time;
- a rank over an identifier gives its order away.

Every value also carries its roots (the columns it was copied or computed from): comparing one
column with an identifier tells as much about every other column with the same root, and a keyed
call over values that nobody sent (counted up, or patched together) is a table by which every
pseudonym could be undone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from safe_haven.wall import policy
from safe_haven.wall.parse import Tree
from safe_haven.wall.project import Name

VALUE = "value"
PART = "part"
ORDER = "order"
ROOT = "root"
STEM = "stem"
ROOTS = (ROOT, STEM)
# Origins of values that the SQL makes up itself.
GENERATED = "generated "
# Functions whose result differs from call to call or row to row without reading a column.
GENERATORS = frozenset(
    {
        "gen_random_uuid",
        "generate_series",
        "generate_subscripts",
        "nextval",
        "random",
        "range",
        "unnest",
        "uuid",
        "uuidv4",
        "uuidv7",
    }
)
# (kind, "database.schema.table.column" of the identifier or root)
Mark = tuple[str, str]
Marks = frozenset[Mark]
CLEAN: Marks = frozenset()
Output = list[tuple[str, Marks]]

# Calls that hand on one of their arguments whole.
WHOLE = frozenset(
    {
        "any_value",
        "arg_max",
        "arg_min",
        "coalesce",
        "first",
        "first_value",
        "greatest",
        "ifnull",
        "lag",
        "last",
        "last_value",
        "least",
        "lead",
        "list_value",
        "lower",
        "ltrim",
        "max",
        "max_by",
        "min",
        "min_by",
        "nth_value",
        "nullif",
        "row",
        "rtrim",
        "struct_pack",
        "trim",
        "unnest",
        "upper",
    }
)
EQUALITIES = frozenset(
    {
        "COMPARE_EQUAL",
        "COMPARE_NOTEQUAL",
        "COMPARE_DISTINCT_FROM",
        "COMPARE_NOT_DISTINCT_FROM",
    }
)
JOINS = frozenset({"REGULAR", "CROSS", "ASOF"})
PLAIN_OPERATORS = frozenset(
    {
        "ARRAY_CONSTRUCTOR",
        "ARRAY_EXTRACT",
        "ARRAY_SLICE",
        "GROUPING_FUNCTION",
        "OPERATOR_COALESCE",
        "OPERATOR_TRY",
        "STRUCT_EXTRACT",
    }
)


def parts(marks: Marks) -> Marks:
    """The marks after a function that keeps only part of its argument, or mixes it."""
    changed = {VALUE: PART, ROOT: STEM}
    return frozenset((changed.get(kind, kind), origin) for kind, origin in marks)


def ranks(marks: Marks) -> Marks:
    """The marks of something ordered by a value with `marks`."""
    return frozenset((STEM if kind in ROOTS else ORDER, origin) for kind, origin in marks)


def values(marks: Marks) -> Marks:
    """The marks that are identifiers or parts of them (no ranks, no roots)."""
    return frozenset(mark for mark in marks if mark[0] in {VALUE, PART})


def leaks(marks: Marks) -> Marks:
    """The marks that give something of an identifier away: whole, part or rank."""
    return frozenset(mark for mark in marks if mark[0] not in ROOTS)


def roots(marks: Marks) -> Marks:
    """The columns that the value was copied (ROOT) or computed (STEM) from."""
    return frozenset(mark for mark in marks if mark[0] in ROOTS)


def origins(marks: Marks) -> frozenset[str]:
    """The names of the columns that the value was copied or computed from."""
    return frozenset(origin for _, origin in roots(marks))


@dataclass
class Source:
    """One item of a FROM clause: its alias and the marks of its columns, in order."""

    alias: str
    columns: dict[str, Marks]
    is_base: bool = False
    qualified: Name | None = None
    # Columns merged away by USING: named once by a star.
    merged: set[str] = field(default_factory=set)


@dataclass
class Scope:
    """What a column name can mean at one place of the statement."""

    sources: list[Source] = field(default_factory=list)
    parent: Scope | None = None
    aliases: dict[str, Marks] = field(default_factory=dict)
    parameters: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Problem:
    """Something the trace refuses: a rule and a reason that quotes no value."""

    rule: str
    why: str


class Lineage:
    """The trace of one statement.

    `relation` gives the columns and marks of a relation by (database, schema, name), or None for a
    relation nobody declared.
    `strict`: an identifier may steer which rows come out only by equality and IS NULL.
    """

    def __init__(
        self,
        relation: Callable[[Name], dict[str, Marks] | None],
        strict: bool = True,
    ) -> None:
        """Prepare an empty trace."""
        self.relation = relation
        self.strict = strict
        self.problems: set[Problem] = set()

    def trace(self, query: Tree) -> Output:
        """The output columns of `query` with their marks, in order; see also `problems`."""
        return self._query(query, {}, None)

    # Queries

    def _query(self, node: Tree, ctes: dict[str, Output], parent: Scope | None) -> Output:
        ctes = dict(ctes)
        for item in node.get("cte_map", {}).get("map", []):
            body = item["value"]["query"]["node"]
            output = self._query(body, ctes, parent)
            names = item["value"].get("aliases", [])
            ctes[item["key"].lower()] = self._renamed(output, names)
        kind = node["type"]
        if kind == "SELECT_NODE":
            return self._select(node, ctes, parent)
        if kind == "SET_OPERATION_NODE":
            return self._set_operation(node, ctes, parent)
        if kind == "RECURSIVE_CTE_NODE":
            return self._recursive(node, ctes, parent)
        return self._unknown("query", kind)

    def _unknown(self, what: str, kind: str) -> Any:
        self._problem("unclassified", f"the {what} '{kind}' is not one the wall can trace")
        return []

    def _problem(self, rule: str, why: str) -> None:
        self.problems.add(Problem(rule, why))

    @staticmethod
    def _renamed(output: Output, names: list[str]) -> Output:
        kept = [name.lower() for name in names] + [name for name, _ in output[len(names) :]]
        return [(name, marks) for name, (_, marks) in zip(kept, output, strict=False)]

    def _set_operation(self, node: Tree, ctes: dict[str, Output], parent: Scope | None) -> Output:
        sides = [node[side] for side in ("left", "right") if side in node]
        sides = sides or node.get("children", [])
        outputs = [self._query(side, ctes, parent) for side in sides]
        if node.get("setop_type") not in {"UNION", "EXCEPT", "INTERSECT"}:
            self._unknown("set operation", str(node.get("setop_type")))
        if not outputs or len({len(output) for output in outputs}) != 1:
            self._problem("unclassified", "the sides of a set operation do not line up")
            return []
        merged = [
            (columns[0][0], frozenset().union(*(marks for _, marks in columns)))
            for columns in zip(*outputs, strict=True)
        ]
        scope = Scope([Source("", dict(merged))], parent)
        self._modifiers(node, scope, ctes)
        return merged

    def _recursive(self, node: Tree, ctes: dict[str, Output], parent: Scope | None) -> Output:
        name = node["cte_name"].lower()
        root = frozenset({(STEM, f"{GENERATED}recursion {name}")})
        output = [(column, m | root) for column, m in self._query(node["left"], ctes, parent)]
        while True:
            again = self._query(node["right"], {**ctes, name: output}, parent)
            if len(again) != len(output):
                return self._unknown("recursive CTE", "of unequal width")
            merged = [
                (column, marks | more)
                for (column, marks), (_, more) in zip(output, again, strict=True)
            ]
            if merged == output:
                return output
            output = merged

    def _select(self, node: Tree, ctes: dict[str, Output], parent: Scope | None) -> Output:
        scope = Scope(parent=parent)
        conditions: list[Tree] = []
        if "from_table" in node:
            self._from(node["from_table"], scope, ctes, conditions)
        if "sample" in node:
            self._problem("sample", "a sample is not a total order and cannot be traced")
        output: Output = []
        # Comparisons mark columns that earlier expressions have used: repeat until nothing changes.
        while True:
            before = self._state(scope, output)
            for condition in conditions:
                self._filter(condition, scope, ctes)
            output = self._select_list(node, scope, ctes)
            for part in ("where_clause", "having", "qualify"):
                if part in node:
                    self._filter(node[part], scope, ctes)
            for expression in node.get("group_expressions", []):
                self._key(expression, scope, ctes)
            self._modifiers(node, scope, ctes)
            if before == self._state(scope, output):
                break
        return output

    @staticmethod
    def _state(scope: Scope, output: Output) -> Any:
        seen = []
        level: Scope | None = scope
        while level is not None:
            seen.append([dict(source.columns) for source in level.sources])
            seen.append(dict(level.aliases))
            level = level.parent
        return (seen, list(output))

    def _select_list(self, node: Tree, scope: Scope, ctes: dict[str, Output]) -> Output:
        output: Output = []
        for item in node.get("select_list", []):
            if item["class"] == "STAR":
                output.extend(self._star(item, scope))
                continue
            marks = self._expression(item, scope, ctes)
            name = self._output_name(item)
            if item.get("alias"):
                marks |= scope.aliases.get(name, CLEAN)
                scope.aliases[name] = marks
            output.append((name, marks))
        return output

    @staticmethod
    def _output_name(item: Tree) -> str:
        if item.get("alias"):
            return item["alias"].lower()
        if item["class"] == "COLUMN_REF":
            return item["column_names"][-1].lower()
        if item["class"] == "CAST":
            return Lineage._output_name(item["child"])
        return item.get("function_name", item["type"]).lower()

    def _star(self, item: Tree, scope: Scope) -> Output:
        simple = {"class", "type", "query_location", "relation_name", "columns", "alias"}
        if item.get("columns") or set(item) - simple:
            self._problem(
                "star", "COLUMNS(), EXCLUDE, REPLACE or RENAME names columns that are not written"
            )
        wanted = item.get("relation_name", "").lower()
        output: Output = []
        for source in scope.sources:
            if wanted and source.alias != wanted:
                continue
            if source.is_base:
                self._problem("star", "a star stands over a relation, not over a listed CTE")
            output.extend(
                (name, marks)
                for name, marks in source.columns.items()
                if wanted or name not in source.merged
            )
        if not output:
            self._problem("unclassified", "a star stands over nothing that could be traced")
        return output

    def _modifiers(self, node: Tree, scope: Scope, ctes: dict[str, Output]) -> None:
        for modifier in node.get("modifiers", []):
            kind = modifier["type"]
            if kind == "ORDER_MODIFIER":
                for order in modifier.get("orders", []):
                    self._row_order(order["expression"], scope, ctes)
            elif kind == "DISTINCT_MODIFIER":
                for target in modifier.get("distinct_on_targets", []):
                    self._key(target, scope, ctes)
            elif kind in {"LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER"}:
                for part in ("limit", "offset"):
                    if part in modifier and leaks(self._expression(modifier[part], scope, ctes)):
                        self._problem("row-order", "an identifier decides how many rows come out")
            else:
                self._unknown("clause", kind)

    def _row_order(self, expression: Tree, scope: Scope, ctes: dict[str, Output]) -> None:
        if expression["class"] in {"CONSTANT", "STAR"}:
            self._problem("row-order", "ORDER BY a position or ALL does not name its columns")
        elif leaks(self._expression(expression, scope, ctes)) and self.strict:
            self._problem("row-order", "rows stored in the order of an identifier give it away")

    def _key(self, expression: Tree, scope: Scope, ctes: dict[str, Output]) -> None:
        """A key of GROUP BY, PARTITION BY or DISTINCT ON: whole identifiers only."""
        if expression["class"] == "CONSTANT":
            return
        marks = self._expression(expression, scope, ctes)
        if self.strict and any(kind == PART for kind, _ in marks):
            self._problem("predicate", "rows are grouped by part of an identifier")

    # FROM

    def _from(
        self, node: Tree, scope: Scope, ctes: dict[str, Output], conditions: list[Tree]
    ) -> list[Source]:
        kind = node["type"]
        if "sample" in node:
            self._problem("sample", "a sample is not a total order and cannot be traced")
        if kind == "EMPTY":
            return []
        if kind == "BASE_TABLE":
            found = [self._base_table(node, ctes)]
        elif kind == "SUBQUERY":
            output = self._query(node["subquery"]["node"], ctes, scope)
            output = self._renamed(output, node.get("column_name_alias", []))
            found = [Source(node.get("alias", "").lower(), dict(output))]
            if len(dict(output)) != len(output):
                self._problem("unclassified", "a subquery gives two columns one name")
        elif kind == "JOIN":
            return self._join(node, scope, ctes, conditions)
        elif kind == "TABLE_FUNCTION":
            found = [self._table_function(node, scope, ctes)]
        elif kind == "EXPRESSION_LIST":
            found = [self._values(node, scope, ctes)]
        else:
            rule = "pivot" if kind == "PIVOT" else "unclassified"
            self._problem(rule, f"{kind} makes columns that the SQL does not list")
            found = []
        scope.sources.extend(found)
        return found

    def _base_table(self, node: Tree, ctes: dict[str, Output]) -> Source:
        table = node["table_name"].lower()
        alias = node.get("alias", table).lower()
        if "at_clause" in node:
            self._problem("unclassified", "AT reads another version of the relation")
        if "catalog_name" not in node and "schema_name" not in node and table in ctes:
            output = self._renamed(ctes[table], node.get("column_name_alias", []))
            return Source(alias, dict(output))
        name = (node.get("catalog_name", "").lower(), node.get("schema_name", "").lower(), table)
        columns = self.relation(name)
        if columns is None:
            self._problem(
                "unknown-relation", f"'{'.'.join(filter(None, name))}' is not a declared relation"
            )
        if node.get("column_name_alias"):
            self._problem("unclassified", "columns of a relation are renamed by position")
        return Source(alias, dict(columns or {}), is_base=True, qualified=name)

    def _join(
        self, node: Tree, scope: Scope, ctes: dict[str, Output], conditions: list[Tree]
    ) -> list[Source]:
        if node.get("ref_type") not in JOINS:
            self._problem(
                "join", f"a {str(node.get('ref_type')).lower()} join does not say what it compares"
            )
        left = self._from(node["left"], scope, ctes, conditions)
        right = self._from(node["right"], scope, ctes, conditions)
        for column in (name.lower() for name in node.get("using_columns", [])):
            sides = [source for source in left + right if column in source.columns]
            if not sides or not any(column in source.columns for source in right):
                self._problem("unresolved", f"USING names column '{column}', which is not there")
            marks = frozenset().union(*(source.columns[column] for source in sides))
            for source in sides:
                source.columns[column] = marks
            for source in right:
                source.merged.add(column)
        if "condition" in node:
            conditions.append(node["condition"])
        return left + right

    def _table_function(self, node: Tree, scope: Scope, ctes: dict[str, Output]) -> Source:
        function = node["function"]
        name = function["function_name"].lower()
        alias = node.get("alias", name).lower()
        if name not in policy.TABLE_FUNCTIONS:
            self._problem("table-function", f"the table function '{name}' reads outside the wall")
        marks = self._arguments(function, scope, ctes)
        if not marks:
            marks = frozenset({(STEM, f"{GENERATED}function {alias}")})
        names = [column.lower() for column in node.get("column_name_alias", [])]
        return Source(alias, dict.fromkeys(names or [name, alias], marks))

    def _values(self, node: Tree, scope: Scope, ctes: dict[str, Output]) -> Source:
        rows = [[self._expression(cell, scope, ctes) for cell in row] for row in node["values"]]
        names = [name.lower() for name in node.get("expected_names", [])]
        columns = {}
        for index, cells in enumerate(zip(*rows, strict=True)):
            name = names[index] if index < len(names) else f"col{index}"
            # Rows written by hand: every cell of a row tells about the others.
            columns[name] = frozenset(
                {(STEM, f"{GENERATED}rows {node.get('query_location')}")}
            ).union(*cells)
        return Source(node.get("alias", "").lower(), columns)

    # Expressions

    def _expression(self, node: Tree, scope: Scope, ctes: dict[str, Output]) -> Marks:
        kind = node["class"]
        if kind == "COLUMN_REF":
            return self._column([name.lower() for name in node["column_names"]], scope)
        if kind == "CONSTANT":
            return CLEAN
        if kind == "FUNCTION":
            return self._function(node, scope, ctes)
        if kind in {"COMPARISON", "CONJUNCTION", "BETWEEN"}:
            return self._predicate(node, scope, ctes)
        if kind == "CAST" or kind == "COLLATE":
            return self._expression(node["child"], scope, ctes)
        if kind == "CASE":
            return self._case(node, scope, ctes)
        if kind == "OPERATOR":
            return self._operator(node, scope, ctes)
        if kind == "SUBQUERY":
            return self._subquery(node, scope, ctes)
        if kind == "WINDOW":
            return self._window(node, scope, ctes)
        if kind == "LAMBDA":
            return self._lambda(node, scope, ctes)
        if kind == "STAR":
            self._problem("star", "COLUMNS() or a star inside an expression packs every column")
            return self._everything(scope)
        self._problem("unclassified", f"the expression '{kind}' is not one the wall can trace")
        return self._everything(scope)

    def _everything(self, scope: Scope) -> Marks:
        return frozenset().union(
            *(marks for source in scope.sources for marks in source.columns.values())
        )

    def _column(self, names: list[str], scope: Scope) -> Marks:
        found = [source.columns[column] for source, column in self._owners(names, scope)]
        level: Scope | None = scope
        while level is not None:
            if names[0] in level.parameters:
                return frozenset().union(CLEAN, *found)
            level = level.parent
        if names[0] in scope.aliases:
            found.append(scope.aliases[names[0]])
        if found:
            return frozenset().union(*found)
        level = scope
        while level is not None:
            for source in level.sources:
                if source.alias == names[0] and len(names) == 1:
                    self._problem(
                        "whole-row", f"'{names[0]}' is a table: used as a value it is a whole row"
                    )
                    return frozenset().union(CLEAN, *source.columns.values())
            level = level.parent
        self._problem(
            "unresolved", f"'{'.'.join(names)}' is not a documented column of what is read"
        )
        return self._everything(scope)

    def _owners(self, names: list[str], scope: Scope) -> list[tuple[Source, str]]:
        """The (source, column) pairs that a name can stand for, innermost scope first."""
        level: Scope | None = scope
        while level is not None:
            pairs = [
                (source, column)
                for source in level.sources
                if (column := self._qualified(names, source)) is not None
            ]
            # As in DuckDB: `a.b` is column b of table a; without one, field b of column a.
            pairs = pairs or [
                (item, names[0]) for item in level.sources if names[0] in item.columns
            ]
            if pairs:
                return pairs
            level = level.parent
        return []

    @staticmethod
    def _qualified(names: list[str], source: Source) -> str | None:
        """The column of `source` that a name with a table in front means, or None."""
        if len(names) > 1 and source.alias == names[0] and names[1] in source.columns:
            return names[1]
        for depth in (2, 3):
            if (
                source.qualified
                and len(names) > depth
                and source.qualified[-depth:] == tuple(names[:depth])
                and names[depth] in source.columns
            ):
                return names[depth]
        return None

    def _arguments(self, node: Tree, scope: Scope, ctes: dict[str, Output]) -> Marks:
        found = [self._expression(child, scope, ctes) for child in node.get("children", [])]
        return frozenset().union(CLEAN, *found)

    def _function(self, node: Tree, scope: Scope, ctes: dict[str, Output]) -> Marks:
        name = node["function_name"].lower()
        if node.get("schema", "main").lower() != "main" or node.get("catalog"):
            # `column.function()` is read as schema.function: the column would be overlooked.
            self._problem("unclassified", f"'{name}' is called through a schema or a column")
            return self._everything(scope)
        marks = self._arguments(node, scope, ctes)
        if "filter" in node:
            marks |= self._predicate(node["filter"], scope, ctes)
        for order in node.get("order_bys", {}).get("orders", []):
            marks |= ranks(self._expression(order["expression"], scope, ctes))
        if name in policy.KEYED_FUNCTIONS:
            return self._keyed(node, marks, scope, ctes)
        if name in {"count", "count_star"}:
            return parts(roots(marks)) | self._filter_marks(node, scope, ctes)
        if name in policy.APPROVED_DERIVATIONS:
            return CLEAN
        if name in GENERATORS and not roots(marks):
            marks |= {(STEM, f"{GENERATED}function {name}")}
        if is_age_on_1_april(node):
            return parts(roots(marks) | self._expression(node["children"][2], scope, ctes))
        return marks if name in WHOLE else parts(marks)

    def _filter_marks(self, node: Tree, scope: Scope, ctes: dict[str, Output]) -> Marks:
        return self._predicate(node["filter"], scope, ctes) if "filter" in node else CLEAN

    def _keyed(self, node: Tree, marks: Marks, scope: Scope, ctes: dict[str, Output]) -> Marks:
        children = node.get("children", [])
        key_name = literal(children[0]) if children else None
        if key_name is None or len(children) != 2:
            self._problem("keyed-call", "the key's name is not written as a constant")
            return marks
        if key_name in policy.PUBLISHED_KEYS:
            self._problem("keyed-call", f"'{key_name}' is a published key: its result is no secret")
            return marks
        values_keyed = message_parts(children[1])
        if values_keyed is None:
            self._problem(
                "keyed-call", "the message is not made by length_prefixed(): parts could collide"
            )
            return marks
        for part in values_keyed:
            made = self._expression(part, scope, ctes)
            if any(
                kind in {PART, ORDER, STEM} or origin.startswith(GENERATED) for kind, origin in made
            ):
                self._problem(
                    "keyed-call",
                    "a keyed value was computed, not sent: over values that the SQL makes up, the "
                    "result is a table by which every pseudonym can be undone",
                )
                return marks
        return CLEAN

    def _case(self, node: Tree, scope: Scope, ctes: dict[str, Output]) -> Marks:
        marks = CLEAN
        for check in node.get("case_checks", []):
            marks |= self._predicate(check["when_expr"], scope, ctes)
            marks |= self._expression(check["then_expr"], scope, ctes)
        if "else_expr" in node:
            marks |= self._expression(node["else_expr"], scope, ctes)
        return marks

    def _operator(self, node: Tree, scope: Scope, ctes: dict[str, Output]) -> Marks:
        kind = node["type"]
        if kind in {"OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL", "OPERATOR_NOT"} or kind in {
            "COMPARE_IN",
            "COMPARE_NOT_IN",
        }:
            return self._predicate(node, scope, ctes)
        marks = self._arguments(node, scope, ctes)
        if kind not in PLAIN_OPERATORS:
            self._problem("unclassified", f"the operator '{kind}' is not one the wall can trace")
        return marks if kind == "OPERATOR_COALESCE" else parts(marks)

    def _subquery(self, node: Tree, scope: Scope, ctes: dict[str, Output]) -> Marks:
        kind = node["subquery_type"]
        if kind == "ANY":
            return self._predicate(node, scope, ctes)
        output = self._query(node["subquery"]["node"], ctes, scope)
        if kind in {"EXISTS", "NOT_EXISTS"}:
            return frozenset().union(CLEAN, *(roots(marks) for _, marks in output))
        if kind != "SCALAR":
            self._unknown("subquery", kind)
        return frozenset().union(CLEAN, *(marks for _, marks in output))

    def _window(self, node: Tree, scope: Scope, ctes: dict[str, Output]) -> Marks:
        if node.get("schema", "main").lower() != "main" or node.get("catalog"):
            self._problem("unclassified", "a window function called through a schema or column")
        marks = self._arguments(node, scope, ctes)
        for part in ("offset_expr", "default_expr"):
            if part in node:
                marks |= self._expression(node[part], scope, ctes)
        for part in ("start_expr", "end_expr"):
            if part in node:
                marks |= ranks(self._expression(node[part], scope, ctes))
        for key in node.get("partitions", []):
            self._key(key, scope, ctes)
        for order in node.get("orders", []) + node.get("arg_orders", []):
            marks |= ranks(self._expression(order["expression"], scope, ctes))
        if node.get("function_name", "").lower() in {"count", "count_star"}:
            marks = ranks(marks) if node.get("orders") else parts(roots(marks))
        elif node.get("function_name", "").lower() not in WHOLE:
            marks = parts(marks)
        if not node.get("children"):
            marks |= {(STEM, f"{GENERATED}{node.get('function_name', 'window')}")}
        if "filter_expr" in node:
            marks |= self._predicate(node["filter_expr"], scope, ctes)
        return marks

    def _lambda(self, node: Tree, scope: Scope, ctes: dict[str, Output]) -> Marks:
        names = frozenset(
            item["column_names"][0].lower()
            for item in [node["lhs"], *node["lhs"].get("children", [])]
            if item.get("class") == "COLUMN_REF"
        )
        inner = Scope(scope.sources, scope.parent, scope.aliases, scope.parameters | names)
        return self._expression(node["expr"], inner, ctes)

    # Predicates

    def _filter(self, node: Tree, scope: Scope, ctes: dict[str, Output]) -> None:
        """A condition that decides which rows come out."""
        if values(self._predicate(node, scope, ctes)) and self.strict:
            self._problem(
                "predicate",
                "a condition asks for more of an identifier than equality or whether it is known",
            )

    def _predicate(self, node: Tree, scope: Scope, ctes: dict[str, Output]) -> Marks:
        """The marks that a yes-or-no answer gives away; CLEAN for the questions that are allowed.

        Allowed: IS NULL of an identifier, equality of two columns, equality with a default code.
        """
        kind = node["type"]
        if node["class"] == "CONJUNCTION" or kind == "OPERATOR_NOT":
            found = [self._predicate(child, scope, ctes) for child in node.get("children", [])]
            return frozenset().union(CLEAN, *found)
        if kind in {"OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL"}:
            marks = self._arguments(node, scope, ctes)
            return frozenset(mark for mark in marks if mark[0] in {PART, *ROOTS})
        if node["class"] == "COMPARISON":
            return self._comparison(kind, [node["left"], node["right"]], scope, ctes)
        if kind in {"COMPARE_IN", "COMPARE_NOT_IN"}:
            return self._comparison("COMPARE_EQUAL", node["children"], scope, ctes)
        if kind == "SUBQUERY" and node["subquery_type"] == "ANY":
            return self._any(node, scope, ctes)
        if node["class"] == "BETWEEN":
            sides = [node["input"], node["lower"], node["upper"]]
            return self._comparison(kind, sides, scope, ctes)
        return parts(self._expression(node, scope, ctes))

    def _comparison(
        self, kind: str, sides: Iterable[Tree], scope: Scope, ctes: dict[str, Output]
    ) -> Marks:
        sides = list(sides)
        traced = [self._expression(side, scope, ctes) for side in sides]
        marks = frozenset().union(CLEAN, *traced)
        identifiers = values(marks)
        if leaks(marks):
            for side, side_marks in zip(sides, traced, strict=True):
                self._equate(side, marks, side_marks, scope)
        allowed = kind in EQUALITIES and all(kind_ == VALUE for kind_, _ in identifiers)
        if identifiers:
            constants = [literal(side) for side in sides if is_constant(side)]
            allowed = allowed and policy.DEFAULT_LITERALS.issuperset(constants)
        return parts(roots(marks) if allowed else marks)

    def _any(self, node: Tree, scope: Scope, ctes: dict[str, Output]) -> Marks:
        output = self._query(node["subquery"]["node"], ctes, scope)
        own = self._expression(node["child"], scope, ctes)
        marks = own.union(*(column for _, column in output))
        self._equate(node["child"], marks, own, scope)
        identifiers = values(marks)
        if node["comparison_type"] in EQUALITIES and all(kind == VALUE for kind, _ in identifiers):
            return parts(roots(marks))
        return parts(marks)

    def _equate(self, node: Tree, marks: Marks, own: Marks, scope: Scope) -> None:
        """What is compared with an identifier may hold it: mark the columns on this side.

        `own` are the marks of this side alone: other columns with one of its roots are marked too.
        """
        told = leaks(marks)
        bare = node.get("class") == "COLUMN_REF"
        for item in walk_outside_subqueries(node):
            if item.get("class") != "COLUMN_REF":
                continue
            names = [name.lower() for name in item["column_names"]]
            for source, column in self._owners(names, scope):
                # A column inside an expression holds a part of what the expression is equal to.
                source.columns[column] |= told if bare else parts(told)
            if names[0] in scope.aliases:
                scope.aliases[names[0]] |= told
        shared = origins(own)
        level: Scope | None = scope
        while level is not None:
            for source in level.sources:
                for column, known in source.columns.items():
                    if origins(known) & shared and not values(known):
                        source.columns[column] = known | parts(told)
            level = level.parent


def literal(node: Tree) -> str | None:
    """The text of a constant (casts looked through), or None for anything else."""
    while node.get("class") == "CAST":
        node = node["child"]
    if node.get("class") != "CONSTANT" or node["value"].get("is_null"):
        return None
    return str(node["value"].get("value"))


def message_parts(node: Tree) -> list[Tree] | None:
    """The values in `length(a)::varchar || ':' || a || length(b)::varchar || ...`, or None.

    Each value is a column or a constant, cast or not; the same stands in its length.
    """
    operands = _concatenated(node)
    if len(operands) % 3:
        return None
    found = []
    for size, colon, value in zip(operands[::3], operands[1::3], operands[2::3], strict=True):
        measured = _uncast(size)
        if (
            literal(colon) != ":"
            or measured.get("function_name", "").lower() != "length"
            or len(measured.get("children", [])) != 1
            or _shape(measured["children"][0]) != _shape(value)
            or _uncast(value).get("class") not in {"COLUMN_REF", "CONSTANT"}
        ):
            return None
        found.append(value)
    return found


def _concatenated(node: Tree) -> list[Tree]:
    if node.get("class") == "FUNCTION" and node.get("function_name") == "||":
        return [part for child in node["children"] for part in _concatenated(child)]
    return [node]


def _uncast(node: Tree) -> Tree:
    while node.get("class") == "CAST":
        node = node["child"]
    return node


def _shape(node: Any) -> Any:
    """A tree without the places at which its parts stood in the text."""
    if isinstance(node, dict):
        return {key: _shape(value) for key, value in node.items() if key != "query_location"}
    if isinstance(node, list):
        return [_shape(item) for item in node]
    return node


def walk_outside_subqueries(node: Tree) -> Iterator[Tree]:
    """Every object of an expression, without the statements nested in it."""
    stack: list[Any] = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack.extend(item)
        elif isinstance(item, dict) and item.get("class") != "SUBQUERY":
            yield item
            stack.extend(item.values())


def is_constant(node: Tree) -> bool:
    """Whether the expression reads no column: a constant, or functions of constants."""
    stack: list[Any] = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack.extend(item)
        elif isinstance(item, dict):
            if item.get("class") in {"COLUMN_REF", "SUBQUERY", "STAR", "POSITIONAL_REFERENCE"}:
                return False
            stack.extend(item.values())
    return True


def is_age_on_1_april(node: Tree) -> bool:
    """Whether the call is `datesub('year', birth date, make_date(year, 4, 1))`.

    Whole years on a fixed day of the year: what is left of a birth date is the year it falls in.
    """
    children = node.get("children", [])
    if node.get("function_name", "").lower() not in {"datesub", "date_sub"} or len(children) != 3:
        return False
    day = children[2]
    return (
        literal(children[0]) == "year"
        and day.get("class") == "FUNCTION"
        and day.get("function_name", "").lower() == "make_date"
        and [literal(child) for child in day.get("children", [])[1:]] == ["4", "1"]
    )
