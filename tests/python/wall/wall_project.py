"""A small dbt manifest, written by hand, in which everything is allowed: attacks change one thing.

person (landing) > stg_person > idn_person > hnd_person > fct_activity > cube > mart, with a seed
and a postcode directory, as the real project has them.
"""

from __future__ import annotations

import copy
from typing import Any

Manifest = dict[str, Any]

PLACES = {
    "staging": ("identifiable", "staging", "private"),
    "identity": ("identifiable", "identity", "private"),
    "handover": ("pseudonymised", "handover", "protected"),
    "core": ("pseudonymised", "core", "protected"),
    "governance": ("pseudonymised", "governance", "protected"),
    "disclosure": ("restricted", "disclosure", "protected"),
    "marts": ("aggregated", "marts", "public"),
    "releases": ("restricted", "releases", "protected"),
}
REGISTER = {"sql": "{{ register_build(this) }}", "transaction": True}


def column(name: str, sensitivity: str) -> dict[str, Any]:
    """A described column."""
    return {
        "name": name,
        "description": name,
        "config": {"meta": {"sensitivity": sensitivity}},
        "constraints": [],
    }


def columns(**described: str) -> dict[str, Any]:
    """Columns by name and sensitivity."""
    return {name: column(name, sensitivity) for name, sensitivity in described.items()}


def model(
    name: str, folder: str, sql: str, reads: list[str], described: dict[str, Any], **changes: Any
) -> dict[str, Any]:
    """A model as it stands in the manifest after `dbt compile`."""
    top = folder.split("/")[0]
    database, schema, access = PLACES[top]
    group = "identifiable" if top in ("staging", "identity", "handover") else None
    node = {
        "unique_id": f"model.safe_haven.{name}",
        "resource_type": "model",
        "name": name,
        "alias": name,
        "database": database,
        "schema": schema,
        "original_file_path": f"models/{folder}/{name}.sql",
        "language": "sql",
        "raw_code": sql,
        "compiled_code": sql,
        "columns": described,
        "depends_on": {"nodes": reads, "macros": []},
        "constraints": [],
        "group": group,
        "access": access,
        "config": {
            "materialized": "table",
            "group": group,
            "access": access,
            "pre-hook": [],
            "post-hook": [REGISTER],
            "meta": {},
        },
    }
    node.update(changes)
    return node


def manifest() -> Manifest:
    """The allowed project."""
    landing = {
        "unique_id": "source.safe_haven.landing_person.person",
        "resource_type": "source",
        "name": "person",
        "source_name": "landing_person",
        "identifier": "person",
        "database": "memory",
        "schema": "landing",
        "original_file_path": "models/staging/person/_person_source.yml",
        "columns": columns(
            nhs_number="identifier",
            family_name="identifier",
            date_of_birth="identifier",
            postcode="identifier",
            sex="quasi",
            event_date="quasi",
            source_row="plain",
        ),
        "config": {"meta": {}},
    }
    seed = {
        "unique_id": "seed.safe_haven.code",
        "resource_type": "seed",
        "name": "code",
        "alias": "code",
        "database": "pseudonymised",
        "schema": "seeds",
        "original_file_path": "seeds/codes/code.csv",
        "columns": columns(code="plain", label="plain"),
        "depends_on": {"nodes": []},
        "config": {"materialized": "seed", "pre-hook": [], "post-hook": [REGISTER]},
    }
    models = [
        model(
            "stg_person",
            "staging/person",
            STAGING,
            ["source.safe_haven.landing_person.person"],
            copy.deepcopy(landing["columns"]),
        ),
        model(
            "stg_postcode_directory",
            "staging/postcode_directory",
            "select code as postcode, label as lsoa_code from pseudonymised.seeds.code",
            ["seed.safe_haven.code"],
            columns(postcode="plain", lsoa_code="quasi"),
        ),
        model(
            "idn_person",
            "identity",
            IDENTITY,
            ["model.safe_haven.stg_person"],
            columns(
                person_key="quasi",
                nhs_number="identifier",
                date_of_birth="identifier",
                postcode="identifier",
                sex="quasi",
                event_date="quasi",
            ),
        ),
        model(
            "hnd_person",
            "handover",
            HANDOVER.format(outputs="p.person_key, p.sex", more=""),
            ["model.safe_haven.idn_person", "model.safe_haven.stg_postcode_directory"],
            columns(person_key="quasi", sex="quasi"),
        ),
        model(
            "fct_activity",
            "core/activity",
            "select person_key, sex from pseudonymised.handover.hnd_person",
            ["model.safe_haven.hnd_person"],
            columns(person_key="quasi", sex="quasi"),
        ),
        model(
            "cube_activity",
            "disclosure",
            "select sex, count(*) as records from pseudonymised.core.fct_activity group by sex",
            ["model.safe_haven.fct_activity"],
            columns(sex="quasi", records="restricted"),
        ),
        model(
            "sdc_cell",
            "disclosure",
            "select sex as cell_id, records from restricted.disclosure.cube_activity",
            ["model.safe_haven.cube_activity"],
            columns(cell_id="plain", records="restricted"),
        ),
        model(
            "sdc_relation",
            "disclosure",
            "select sex as part_cell_id from restricted.disclosure.cube_activity",
            ["model.safe_haven.cube_activity"],
            columns(part_cell_id="plain"),
        ),
        model(
            "sdc_pattern",
            "disclosure",
            "select cell_id, 'shown' as status from restricted.disclosure.sdc_cell",
            ["model.safe_haven.sdc_cell"],
            columns(cell_id="plain", status="plain"),
        ),
        model(
            "mart_activity",
            "marts/activity",
            "select cube_activity.sex, cube_activity.records "
            "from restricted.disclosure.cube_activity "
            "inner join restricted.disclosure.sdc_pattern "
            "on cube_activity.sex = sdc_pattern.cell_id",
            ["model.safe_haven.cube_activity", "model.safe_haven.sdc_pattern"],
            columns(sex="quasi", records="plain"),
        ),
        model(
            "rel_person_pseudonym",
            "releases",
            "select keyed_uuid(concat('agreement-', sex), person_key::varchar) as pseudonym "
            "from pseudonymised.core.fct_activity",
            ["model.safe_haven.fct_activity"],
            columns(pseudonym="quasi"),
        ),
    ]
    test = model(
        "not_null_stg_person_nhs_number",
        "staging/person",
        "select nhs_number from identifiable.staging.stg_person where nhs_number is null",
        ["model.safe_haven.stg_person"],
        {},
    )
    test["unique_id"] = "test.safe_haven.not_null_stg_person_nhs_number"
    test["resource_type"] = "test"
    test["database"] = "restricted"
    test["schema"] = "test_failures"
    test["config"] = {"materialized": "test", "store_failures": False, "fail_calc": "count(*)"}
    nodes = {node["unique_id"]: node for node in [*models, seed, test]}
    return {
        "metadata": {"project_name": "safe_haven"},
        "nodes": nodes,
        "sources": {landing["unique_id"]: landing},
        "macros": {
            name: macro("register_build", "insert into x", "macros/tests/register_build.sql")
            for name in ["macro.safe_haven.register_build"]
        }
        | {
            "macro.dbt.run_hooks": {
                "unique_id": "macro.dbt.run_hooks",
                "name": "run_hooks",
                "package_name": "dbt",
                "original_file_path": "macros/run_hooks.sql",
                "macro_sql": "",
            }
        },
        "unit_tests": {},
    }


IDENTITY = (
    "select keyed_uuid('person', length(nhs_number)::varchar || ':' || nhs_number)::uuid "
    "as person_key, nhs_number, date_of_birth, postcode, sex, event_date "
    "from identifiable.staging.stg_person"
)
STAGING = (
    "with final as (select nhs_number, family_name, date_of_birth, postcode, sex, event_date, "
    "source_row from memory.landing.person) select * from final"
)
# A hand-over model whose outputs and later steps an attack replaces.
HANDOVER = (
    "with person as (select person_key, nhs_number, date_of_birth, postcode, sex, event_date "
    "from identifiable.identity.idn_person), "
    "directory as (select postcode, lsoa_code from identifiable.staging.stg_postcode_directory), "
    "final as (select {outputs} from person as p {more}) select * from final"
)


def macro(name: str, text: str, path: str) -> dict[str, Any]:
    """A macro of the project."""
    return {
        "unique_id": f"macro.safe_haven.{name}",
        "name": name,
        "package_name": "safe_haven",
        "original_file_path": path,
        "macro_sql": text,
    }


def node(project: Manifest, name: str) -> dict[str, Any]:
    """A node of the manifest by name."""
    return next(item for item in project["nodes"].values() if item["name"] == name)


def with_sql(project: Manifest, name: str, sql: str, **described: str) -> Manifest:
    """The project with other SQL (and columns) in one model."""
    changed = node(project, name)
    changed["compiled_code"] = changed["raw_code"] = sql
    if described:
        changed["columns"] = columns(**described)
    return project


def handover(outputs: str, more: str = "", **described: str) -> Manifest:
    """The project with other outputs in the hand-over model."""
    return with_sql(
        manifest(), "hnd_person", HANDOVER.format(outputs=outputs, more=more), **described
    )
