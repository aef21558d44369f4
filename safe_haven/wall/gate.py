"""The gate: a fail-closed check of the compiled project, before and after every build.

It reads dbt's manifest after `dbt compile` or `dbt build`. Each rule is one function from the
project to its findings; `gate` runs them all. A project passes when there is no finding.
"""

from __future__ import annotations

import ast
import datetime
import fnmatch
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from safe_haven.wall import policy
from safe_haven.wall.findings import Finding
from safe_haven.wall.lineage import (
    CLEAN,
    ROOT,
    VALUE,
    Lineage,
    Marks,
    leaks,
    literal,
)
from safe_haven.wall.parse import Tree, UnreadableSqlError, functions, parse, walk
from safe_haven.wall.project import (
    COMPILED,
    RELATIONS,
    TESTS,
    Name,
    Node,
    Project,
    config,
    external_location,
    folder,
    hook_text,
    hooks,
    is_identifiable,
    is_landing,
    label,
    own_macros,
    reading_key,
    reads_identifiable,
    relation_name,
    sensitivity,
    zone_of,
)
from safe_haven.wall.protection import protection_path


def routing(project: Project) -> Iterator[Finding]:
    """Every relation is built in the zone and schema of its folder."""
    for node in project.of(*RELATIONS):
        database, schema, _ = relation_name(node)
        if node["resource_type"] == "seed":
            expected: tuple[str, str | None] | None = (policy.SEEDS_DATABASE, policy.SEEDS_SCHEMA)
        else:
            key = folder(node) if node["resource_type"] == "model" else None
            place = policy.FOLDERS.get(key or "")
            expected = (place.database, place.schema) if place else None
        if expected is None:
            yield Finding(
                "routing",
                label(node),
                "it lies in no folder that the wall knows, so nothing says which zone it is in",
                "move it under one of the folders of safe_haven/wall/policy.py, FOLDERS",
            )
        elif database != expected[0] or (expected[1] and schema != expected[1]):
            yield Finding(
                "routing",
                label(node),
                f"it is built in {database}.{schema}, its folder belongs to "
                f"{expected[0]}.{expected[1] or '*'}",
                "set +database and +schema for its folder in dbt_project.yml",
            )
        if config(node, "materialized") == "view" and any(
            relation_name(parent)[0] != database for parent in project.read_by(node)
        ):
            yield Finding(
                "routing",
                label(node),
                "a view over another zone reads that zone each time it is opened",
                "make it a table: only values that were written cross the wall",
            )


def source_routing(project: Project) -> Iterator[Finding]:
    """A source is a landing view or a table in a zone; none names a file."""
    for source in project.sources.values():
        database, schema, _ = relation_name(source)
        if external_location(source):
            yield Finding(
                "routing",
                label(source),
                "its external_location names files: a model would read them by name",
                "declare it in the landing schema, where the plugin offers the feed",
            )
        elif not is_landing(source) and database not in policy.ZONES:
            yield Finding(
                "routing",
                label(source),
                f"it is read from {database}.{schema}, which is no zone and not the landing schema",
                "declare it in the landing schema, or in the zone that holds it",
            )


def source_freshness(project: Project) -> Iterator[Finding]:
    """`dbt source freshness` asks when a feed was received, and nothing else.

    Its SQL is in no compiled node, and dbt prints what it gives back where that is no time.
    """
    for source in project.sources.values():
        asked = re.sub(r"\s+", " ", str(config(source, "loaded_at_query") or "")).strip()
        if config(source, "loaded_at_field") or asked not in ("", freshness_query(source)):
            yield Finding(
                "source-freshness",
                label(source),
                "its freshness is asked with SQL of its own, which nothing checks",
                f'say `loaded_at_query: "{freshness_query(source)}"`',
            )


def freshness_query(source: Node) -> str:
    """The only question that `dbt source freshness` may put to a source."""
    return f"{{{{ last_received('{source['name']}') }}}}"


def source_overlap(project: Project) -> Iterator[Finding]:
    """No source gives a model's relation a second description, and none names a zone's table.

    A table described twice could be an identifier in one place and plain in the other.
    """
    built = {relation_name(node): node for node in project.of(*RELATIONS)}
    for source in project.sources.values():
        name = relation_name(source)
        if name in built:
            yield Finding(
                "source-overlap",
                label(source),
                f"it describes what {label(built[name])} builds a second time",
                "use ref()",
            )
        elif name[0] == "identifiable":
            yield Finding(
                "source-overlap",
                label(source),
                "a source in the identifiable database is described by nobody who builds it",
                "declare feeds in the landing schema; everything else is a model",
            )
    places = [relation_name(node) for node in project.of(*RELATIONS)]
    for name in sorted({place for place in places if places.count(place) > 1}):
        yield Finding(
            "source-overlap",
            ".".join(name),
            "two nodes build one relation: the descriptions of one hide the other",
            "give one of them another name",
        )


def test_routing(project: Project) -> Iterator[Finding]:
    """Failing rows are stored in a zone at least as protected as what the test reads."""
    for node in project.of(*TESTS):
        database = relation_name(node)[0]
        fail_calc = str(config(node, "fail_calc", "count(*)")).replace(" ", "").lower()
        if reads_identifiable(project, node) and fail_calc != "count(*)":
            yield Finding(
                "test-routing",
                label(node),
                "its fail_calc puts a value computed from identifiable rows into run_results.json",
                "remove fail_calc: a test that reads the identifiable zone reports a count",
            )
        if not config(node, "store_failures") and config(node, "store_failures_as") in (
            None,
            "ephemeral",
        ):
            continue
        if database not in policy.ZONES:
            yield Finding(
                "test-routing",
                label(node),
                f"its failing rows are stored in '{database}', which is no zone",
                "set +database for the test's folder in dbt_project.yml",
            )
            continue
        needed = min(
            (policy.PROTECTION.index(zone_of(parent)) for parent in project.read_by(node)),
            default=len(policy.PROTECTION) - 1,
        )
        if reads_identifiable(project, node):
            needed = 0
        if policy.PROTECTION.index(database) > needed:
            yield Finding(
                "test-routing",
                label(node),
                f"it reads the {policy.PROTECTION[needed]} zone and stores failing rows in "
                f"{database}",
                f"set store_failures: false, or database: {policy.PROTECTION[needed]}",
            )


def may_read(project: Project) -> Iterator[Finding]:
    """Each folder reads only what the design's column allows."""
    for node in project.of("model"):
        key = folder(node)
        if key is None:
            continue
        allowed = policy.FOLDERS[key].may_read
        for parent in project.read_by(node):
            if parent["unique_id"] != node["unique_id"] and reading_key(parent) not in allowed:
                yield Finding(
                    "may-read",
                    label(node),
                    f"{key}/ reads {label(parent)} of {reading_key(parent)}",
                    f"read only from: {', '.join(sorted(allowed))}",
                )


# More nodes than this without SQL are one finding: the project was parsed, not compiled.
UNCOMPILED = 5


def readable_sql(project: Project) -> Iterator[Finding]:
    """Every node has compiled SQL, and it is one SELECT that DuckDB's own parser can give back.

    Analyses, which dbt never runs, are checked where `dbt compile` has compiled them.
    """
    missing = []
    for node in project.of(*COMPILED):
        if node.get("language") == "python" or node["resource_type"] == "operation":
            continue
        if not (node.get("compiled_code") or "").strip():
            if node["resource_type"] != "analysis":
                missing.append(label(node))
        elif project.tree(node) is None:
            yield Finding(
                "readable-sql",
                label(node),
                "DuckDB cannot give its SQL back as one SELECT (PIVOT without a list, a second "
                "statement, or an error)",
                "write it as one SELECT with its columns listed",
            )
    if len(missing) > UNCOMPILED:
        missing = [f"{missing[0]} and {len(missing) - 1} more nodes"]
    for name in missing:
        yield Finding(
            "readable-sql",
            name,
            "the manifest holds no compiled SQL for it, so nothing can be checked",
            "run `dbt compile` or `dbt build` over the whole project, without a selection",
        )


def declared_relations(project: Project) -> Iterator[Finding]:
    """SQL names only relations that dbt knows, and that the node declares with ref or source."""
    for node in project.of("model", "test", "analysis", "snapshot"):
        declared = {relation_name(parent) for parent in project.parents(node)}
        declared.add(relation_name(node))
        found = Lineage(lambda name, known=declared: {} if name in known else None)
        tree = project.tree(node)
        if tree is None:
            continue
        found.trace(tree)
        for problem in found.problems:
            if problem.rule == "unknown-relation":
                yield Finding(
                    "declared-relations",
                    label(node),
                    problem.why + " of this node",
                    "name relations by ref() and source() only",
                )


def only_staging_reads_identifiable(project: Project) -> Iterator[Finding]:
    """Only staging, identity and hand-over models read the identifiable zone."""
    for node in project.of("model", "analysis", "operation", "snapshot"):
        if folder(node) in policy.TRACED_FOLDERS:
            continue
        if reads_identifiable(project, node):
            yield Finding(
                "identifiable-read",
                label(node),
                "it reads the identifiable zone from outside staging, identity and handover",
                "read the hand-over model instead",
            )


def outside_functions(project: Project) -> Iterator[Finding]:
    """No SQL reads files, other databases, the catalogue, settings, or SQL given as text."""
    for node in project.of(*COMPILED):
        tree = project.tree(node)
        if tree is None:
            continue
        for item in walk(tree):
            if item.get("type") == "TABLE_FUNCTION":
                name = item["function"]["function_name"].lower()
                if name in policy.TABLE_FUNCTIONS:
                    continue
                yield Finding(
                    "outside-functions",
                    label(node),
                    f"the table function '{name}' reads what no ref() or source() declares",
                    "read a relation; files enter through the landing sources in staging only",
                )
            if item.get("type") == "SHOW_REF":
                yield Finding(
                    "outside-functions",
                    label(node),
                    "DESCRIBE, SHOW and SUMMARIZE read the catalogue or column statistics",
                    "select the columns by name",
                )
        for call in functions(tree):
            if call["function_name"].lower() in policy.FORBIDDEN_FUNCTIONS:
                yield Finding(
                    "outside-functions",
                    label(node),
                    f"'{call['function_name']}' reads settings or runs names given as text",
                    "pass what is needed as a column or a dbt variable",
                )


def columns_marks(node: Node) -> dict[str, Marks]:
    """The documented columns of a relation; identifiers and undeclared ones are marked."""
    place = ".".join(relation_name(node))
    marked = {}
    for name, column in node.get("columns", {}).items():
        origin = f"{place}.{name.lower()}"
        risky = sensitivity(column) not in ("quasi", "restricted", "plain")
        marks = frozenset({(VALUE, origin)}) if risky else CLEAN
        marked[name.lower()] = marks | {(ROOT, origin)}
    return marked


def traced_columns(project: Project) -> Iterator[Finding]:
    """No identifier leaves: every output column of staging, identity and handover is traced."""
    for node in project.of("model"):
        key = folder(node)
        if key not in policy.TRACED_FOLDERS or node.get("language") == "python":
            continue
        tree = project.tree(node)
        if tree is not None:
            yield from trace_node(project, node, tree, strict=key in policy.STRICT_FOLDERS)


def trace_node(project: Project, node: Node, tree: Tree, strict: bool) -> Iterator[Finding]:
    """The findings of one traced model."""

    def relation(name: Name) -> dict[str, Marks] | None:
        known = project.relations.get(name)
        return None if known is None else columns_marks(known)

    lineage = Lineage(relation, strict)
    output = lineage.trace(tree)
    for problem in sorted(lineage.problems, key=lambda item: (item.rule, item.why)):
        yield Finding(
            f"trace-{problem.rule}",
            label(node),
            problem.why,
            "list the columns by name, in SQL that the wall can trace",
        )
    declared = {name.lower(): column for name, column in node.get("columns", {}).items()}
    for name, marks in output:
        if name not in declared:
            yield Finding(
                "trace-undocumented",
                f"{label(node)}.{name}",
                "the column is made but not described in the YAML beside the model",
                "describe it, with its sensitivity",
            )
        told = leaks(marks)
        if not told or is_declassified(project, node, name):
            continue
        if key_is_outside(node) or sensitivity(declared.get(name, {})) != "identifier":
            origins = ", ".join(sorted({origin for _, origin in told}))
            kinds = ", ".join(sorted({kind for kind, _ in told}))
            yield Finding(
                "trace-identifier",
                f"{label(node)}.{name}",
                f"it gives away an identifier ({kinds}) of {origins}",
                "pass the identifier through the keyed function or an approved derivation; in "
                "staging and identity, declare the column identifier",
            )
    for name in sorted(set(declared) - {name for name, _ in output}):
        yield Finding(
            "trace-undocumented",
            f"{label(node)}.{name}",
            "the YAML describes a column that the model does not make",
            "remove it from the YAML or make it",
        )


def key_is_outside(node: Node) -> bool:
    """Whether a model's columns leave the identifiable zone."""
    return folder(node) not in policy.IDENTIFIABLE_FOLDERS


def is_declassified(project: Project, node: Node, column: str) -> bool:
    """Whether policy.DECLASSIFIED gives a reason for this column that has not lapsed."""
    name = f"{label(node)}.{column}"
    return any(
        fnmatch.fnmatchcase(name, pattern) and exemption.holds(project.day)
        for pattern, exemption in policy.DECLASSIFIED.items()
    )


def lapsed_exceptions(project: Project) -> Iterator[Finding]:
    """An exception is looked at again before its last day, or it excuses nothing any more."""
    for name, exemption in policy.DECLASSIFIED.items():
        if project.day > exemption.expires_on:
            yield Finding(
                "exception-lapsed",
                name,
                f"its exception lapsed on {exemption.expires_on}",
                "look whether the reason still holds; approve it anew in "
                "safe_haven/wall/policy.py, or take it out",
            )


def declared_sensitivity(project: Project) -> Iterator[Finding]:
    """Every column of every model, seed and source says how sensitive it is."""
    for node in [*project.of(*RELATIONS), *project.sources.values()]:
        columns = node.get("columns", {})
        if not columns:
            yield Finding(
                "sensitivity",
                label(node),
                "no column is described, so nothing says what it holds",
                "describe every column in the YAML beside it, with config.meta.sensitivity",
            )
        for name, column in columns.items():
            declared = sensitivity(column)
            if declared not in policy.SENSITIVITIES:
                yield Finding(
                    "sensitivity",
                    f"{label(node)}.{name}",
                    "config.meta.sensitivity is missing or unknown",
                    f"set it to one of: {', '.join(policy.SENSITIVITIES)}",
                )
            if declared == "identifier" and not is_identifiable(node):
                yield Finding(
                    "sensitivity",
                    f"{label(node)}.{name}",
                    "an identifier is declared outside the identifiable zone",
                    "drop the column, or derive something that is no identifier before hand-over",
                )


def identifier_names(project: Project) -> Iterator[Finding]:
    """No column outside the identifiable zone bears the name of a landed identifier."""
    landed = policy.IDENTIFIER_NAMES | {
        name.lower()
        for source in project.sources.values()
        if is_landing(source)
        for name, column in source.get("columns", {}).items()
        if sensitivity(column) == "identifier"
    }
    for node in [*project.of(*RELATIONS), *project.sources.values()]:
        for name, column in node.get("columns", {}).items():
            if (
                name.lower() in policy.IDENTIFIER_NAMES
                and is_identifiable(node)
                and label(node) not in policy.REFERENCE_RELATIONS
                and sensitivity(column) != "identifier"
            ):
                yield Finding(
                    "identifier-name",
                    f"{label(node)}.{name}",
                    "a column of this name identifies people, and is not declared identifier",
                    "declare it identifier",
                )
    for node in [*project.of(*RELATIONS), *project.sources.values()]:
        if is_identifiable(node):
            continue
        for name in node.get("columns", {}):
            if name.lower() in landed:
                yield Finding(
                    "identifier-name",
                    f"{label(node)}.{name}",
                    "a column of this name is an identifier in the landing contract",
                    "give it another name once it no longer holds the identifier, or drop it",
                )


def hes_restricted_names(project: Project) -> Iterator[Finding]:
    """The 24 restricted fields of HES keep to staging, under whatever case."""
    patterns = [
        re.compile(re.escape(name).replace("_n", r"_(n|\d+)") + "$")
        if name.endswith("_n")
        else re.compile(re.escape(name) + "$")
        for name in policy.HES_RESTRICTED
    ]
    for node in [*project.of(*RELATIONS), *project.sources.values()]:
        if is_landing(node) or folder(node) == "staging":
            continue
        for name in node.get("columns", {}):
            if any(pattern.match(name.lower()) for pattern in patterns):
                yield Finding(
                    "hes-restricted",
                    f"{label(node)}.{name}",
                    "HES marks a field of this name as restricted: it is never released",
                    "keep it in staging, or rename what is not that field",
                )


def may_call_keyed(node: Node) -> bool:
    """Whether a node may call the keyed function."""
    return folder(node) in policy.KEYED_FOLDERS or (
        folder(node) == "releases" and label(node) in policy.KEYED_MODELS
    )


KEYED_TEXT = re.compile(r"\b(" + "|".join(sorted(policy.KEYED_FUNCTIONS)) + r")\b", re.IGNORECASE)


def keyed_callers(project: Project) -> Iterator[Finding]:
    """The keyed function is called from identity, handover and the pseudonym maps, nowhere else."""
    for node in project.nodes.values():
        texts = [node.get("compiled_code") or "", node.get("raw_code") or ""]
        texts += [hook_text(hook) for hook in hooks(node)]
        if not may_call_keyed(node) and any(KEYED_TEXT.search(text) for text in texts):
            yield Finding(
                "keyed-callers",
                label(node),
                "it names the keyed function: whoever can call it can undo a pseudonym by trying "
                "every NHS number",
                "read the person_key or the pseudonym that identity/ or rel_person_pseudonym made",
            )
        tree = project.tree(node) if node["resource_type"] in COMPILED else None
        for call in functions(tree or {}):
            if call["function_name"].lower() not in policy.KEYED_FUNCTIONS:
                continue
            if any(literal(child) in policy.PUBLISHED_KEYS for child in call.get("children", [])):
                yield Finding(
                    "keyed-callers",
                    label(node),
                    "it names a published key: anybody can compute the same pseudonyms",
                    "use a key of the keyring; published keys are for unit tests alone",
                )
    for macro in own_macros(project):
        path = macro.get("original_file_path", "").replace("\\", "/")
        if path.startswith(policy.KEYED_MACRO_FOLDER):
            continue
        if KEYED_TEXT.search(macro.get("macro_sql", "")):
            yield Finding(
                "keyed-callers",
                label(macro),
                "a macro outside macros/pseudonymisation names the keyed function",
                "move the call into macros/pseudonymisation",
            )


def approved_hooks(project: Project) -> Iterator[Finding]:
    """Around a node only the build register's SQL runs; around the project nothing does."""
    for node in project.nodes.values():
        for hook in hooks(node):
            if " ".join(hook_text(hook).split()) not in policy.APPROVED_HOOKS:
                yield Finding(
                    "hooks",
                    label(node),
                    "a hook runs SQL that no rule of the wall can see",
                    "remove it: the one approved hook is the build register",
                )
        if node["resource_type"] == "operation":
            text = " ".join((node.get("raw_code") or "").split())
            if text not in policy.APPROVED_OPERATIONS:
                yield Finding(
                    "hooks",
                    label(node),
                    "on-run-start and on-run-end run SQL outside every model",
                    "remove it from dbt_project.yml",
                )


# What a macro or a model can use to run SQL while it is compiled.
STATEMENTS = re.compile(
    r"\brun_query\b|\bstatement\b|\badapter\s*\.\s*(execute|dispatch_execute|get_columns|"
    r"get_rows|add_query|drop_|rename_|truncate_|create_|submit_python|store|load_df)"
    r"|\bload_result\b|\bload_agate_table\b|\bmodules\b",
    re.IGNORECASE,
)
ENVIRONMENT = re.compile(r"\benv_var\b", re.IGNORECASE)


def statements_at_compile_time(project: Project) -> Iterator[Finding]:
    """No model, test or macro runs SQL while it is compiled, unless listed with a reason."""
    for macro in own_macros(project):
        if STATEMENTS.search(macro.get("macro_sql", "")) and label(macro) not in (
            policy.STATEMENT_MACROS
        ):
            yield Finding(
                "statements",
                label(macro),
                "it runs SQL while dbt compiles: that SQL is in no compiled model",
                "write it as a model, or list it in policy.STATEMENT_MACROS with its reason",
            )
    for node in project.nodes.values():
        raw = node.get("raw_code") or ""
        if node.get("language") != "python" and STATEMENTS.search(without_comments(raw)):
            yield Finding(
                "statements",
                label(node),
                "its template runs SQL while dbt compiles: that SQL is in no compiled model",
                "write it as a model",
            )
        if ENVIRONMENT.search(raw):
            yield Finding(
                "statements",
                label(node),
                "env_var writes a value of the environment into manifest and compiled SQL",
                "use a dbt variable for settings; keys come from the keyring alone",
            )


def without_comments(text: str) -> str:
    """A template without its Jinja comments, which dbt never runs."""
    return re.sub(r"\{#.*?#\}", " ", text, flags=re.DOTALL)


def replaced_macros(project: Project) -> Iterator[Finding]:
    """The project does not replace dbt's own macros or materialisations unseen."""
    own = list(own_macros(project))
    mine = {macro["unique_id"] for macro in own}
    builtin = {
        macro["name"]
        for macro in project.manifest.get("macros", {}).values()
        if macro["unique_id"] not in mine
    }
    for macro in own:
        name = macro["name"]
        bare = name.split("__", 1)[1] if name.startswith(("default__", "duckdb__")) else name
        replaces = bare in builtin or f"default__{bare}" in builtin
        if (replaces or name.startswith("materialization_")) and bare not in (
            policy.OVERRIDDEN_MACROS
        ):
            yield Finding(
                "replaced-macros",
                name,
                "it replaces a macro or a materialisation by which dbt builds every model",
                "rename it, or list it in policy.OVERRIDDEN_MACROS with its reason",
            )


def python_models(project: Project) -> Iterator[Finding]:
    """Python runs only in disclosure/ and marts/derived/."""
    for node in project.of("model", "snapshot"):
        if node.get("language") != "python":
            continue
        key = folder(node)
        if key is None or not policy.FOLDERS[key].python:
            yield Finding(
                "python-models",
                label(node),
                "what a Python model reads and writes cannot be traced",
                "write it in SQL; Python is for disclosure/ and marts/derived/",
            )


# What the body of a Python model may name. The rest of the work is in the safe_haven package.
PYTHON_CALLS = frozenset({"config", "ref"})
PYTHON_IMPORTS = ("safe_haven.disclosure", "safe_haven.inform", "__future__")


def python_bodies(project: Project) -> Iterator[Finding]:
    """A Python model reads what it declares: dbt.ref, dbt.config, our own package, nothing else."""
    for node in project.of("model", "snapshot"):
        if node.get("language") != "python":
            continue
        for why in python_breaches(node.get("raw_code") or ""):
            yield Finding(
                "python-models",
                label(node),
                why,
                "pass what dbt.ref gives to a function of safe_haven and return its result",
            )


def python_breaches(code: str) -> list[str]:
    """What in the code of a Python model could read or write more than it declares."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return ["its code cannot be read"]
    found = set()
    for item in ast.walk(tree):
        if isinstance(item, ast.Import):
            found.add("it imports modules by name; only `from safe_haven... import` is allowed")
        if isinstance(item, ast.ImportFrom) and not (item.module or "").startswith(PYTHON_IMPORTS):
            found.add("it imports from outside safe_haven.disclosure and safe_haven.inform")
        if isinstance(item, ast.Name) and item.id == "session":
            found.add("it uses the session, by which any relation can be read")
        if isinstance(item, ast.Name) and item.id in PYTHON_BUILTINS:
            found.add(f"it uses {item.id}")
        if isinstance(item, ast.Attribute) and item.attr.startswith("_"):
            found.add("it reaches for private attributes")
        if (
            isinstance(item, ast.Attribute)
            and isinstance(item.value, ast.Name)
            and item.value.id == "dbt"
            and item.attr not in PYTHON_CALLS
        ):
            found.add(f"it uses dbt.{item.attr}")
    return sorted(found)


PYTHON_BUILTINS = frozenset(
    {"__builtins__", "__import__", "compile", "eval", "exec", "getattr", "globals", "open", "vars"}
)


def foreign_keys(project: Project) -> Iterator[Finding]:
    """No foreign key points into another database."""
    for node in project.of("model"):
        found = list(node.get("constraints") or [])
        for column in node.get("columns", {}).values():
            found += column.get("constraints") or []
        database = relation_name(node)[0]
        for constraint in found:
            if constraint.get("type") != "foreign_key":
                continue
            target = str(constraint.get("to") or constraint.get("expression") or "")
            if not re.match(rf'\s*"?{re.escape(database)}"?\s*\.', target, re.IGNORECASE):
                yield Finding(
                    "foreign-keys",
                    label(node),
                    "a foreign key points into another database, or to a place it does not name",
                    "use a relationships test",
                )


def identifiable_group(project: Project) -> Iterator[Finding]:
    """staging and identity are private to the group `identifiable`, handover is protected."""
    for node in project.of("model"):
        key = folder(node)
        access = policy.GROUP_ACCESS.get(key or "")
        if access is None:
            continue
        if config(node, "group") != policy.GROUP or str(config(node, "access")) != access:
            yield Finding(
                "group",
                label(node),
                f"models in {key}/ belong to group {policy.GROUP} with access {access}",
                "remove its own group or access setting: dbt_project.yml sets both",
            )


def unit_test_fixtures(project: Project) -> Iterator[Finding]:
    """Unit tests invent their rows: a fixture written in SQL reads no relation."""
    for unit in project.manifest.get("unit_tests", {}).values():
        given = [*(unit.get("given") or []), unit.get("expect") or {}]
        for fixture in given:
            rows = fixture.get("rows")
            if not isinstance(rows, str) or str(fixture.get("format")).lower() != "sql":
                continue
            if fixture_reads(rows):
                yield Finding(
                    "unit-test-fixtures",
                    label(unit),
                    "a fixture reads a relation: real rows would stand in test output",
                    "write the rows as constants",
                )


FIXTURE_CALL = re.compile(r"\s*\{\{\s*(\w+)\s*\((.*)\)\s*\}\}\s*", re.DOTALL)


def fixture_reads(rows: str) -> bool:
    """Whether a fixture written in SQL may read something; in doubt, yes."""
    call = FIXTURE_CALL.fullmatch(rows)
    if call:
        return call[1] not in policy.FIXTURE_MACROS or bool(re.search(r"\w\s*\(", call[2]))
    try:
        tree = parse(rows)
    except UnreadableSqlError:
        return True
    items = {str(item.get("type")) for item in walk(tree)}
    return bool(items & {"TABLE_FUNCTION", "SHOW_REF", "BASE_TABLE"})


RULES: tuple[Callable[[Project], Iterator[Finding]], ...] = (
    routing,
    source_routing,
    source_freshness,
    source_overlap,
    test_routing,
    may_read,
    readable_sql,
    declared_relations,
    only_staging_reads_identifiable,
    outside_functions,
    traced_columns,
    lapsed_exceptions,
    declared_sensitivity,
    identifier_names,
    hes_restricted_names,
    keyed_callers,
    approved_hooks,
    statements_at_compile_time,
    replaced_macros,
    python_models,
    python_bodies,
    foreign_keys,
    identifiable_group,
    unit_test_fixtures,
    protection_path,
)


def gate(manifest: Mapping[str, Any], day: datetime.date | None = None) -> list[Finding]:
    """Every breach of the wall in a compiled manifest, in a fixed order; empty when it holds.

    The manifest must come from `dbt compile` or `dbt build` over the whole project. Exceptions must
    hold on `day`, by default the release date of the project.
    """
    project = Project(manifest) if day is None else Project(manifest, day)
    findings: set[Finding] = set()
    if not project.nodes:
        findings.add(
            Finding(
                "readable-sql", "manifest", "it holds no node", "run `dbt compile` and try again"
            )
        )
    for rule in RULES:
        findings.update(rule(project))
    return sorted(findings)


def checked(manifest: Mapping[str, Any]) -> tuple[int, int]:
    """How many (nodes, columns) the gate looks at."""
    project = Project(manifest)
    relations = [*project.of(*RELATIONS), *project.sources.values()]
    return len(project.nodes) + len(project.sources), sum(
        len(node.get("columns", {})) for node in relations
    )


def undocumented_columns(manifest: Mapping[str, Any], connection: Any) -> list[Finding]:
    """Columns that stand in the built zones but in no YAML. `connection` has the zones attached."""
    project = Project(manifest)
    rows = connection.execute(
        "select database_name, schema_name, table_name, column_name from duckdb_columns() "
        "where list_contains(?, database_name) order by all",
        [list(policy.ZONES)],
    ).fetchall()
    findings = []
    for database, schema, table, column in rows:
        node = project.relations.get((database.lower(), schema.lower(), table.lower()))
        if node is None:
            continue
        if column.lower() not in {name.lower() for name in node.get("columns", {})}:
            findings.append(
                Finding(
                    "undocumented-column",
                    f"{label(node)}.{column}",
                    "the built table has a column that no YAML describes",
                    "describe it with its sensitivity, or stop making it",
                )
            )
    return findings
