"""The wall's rules as data: who may live where, read what, and call what.

DECISIONS.md shows the table of folders. Everything that is not written here is refused.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from safe_haven.wall.exception import Exemption

ZONES = ("identifiable", "pseudonymised", "restricted", "anonymised", "aggregated")
SENSITIVITIES = ("identifier", "quasi", "restricted", "plain")

# From most to least protected. Failing rows of a test may only be stored in a zone at least as
# protected as the most protected relation that the test reads.
PROTECTION = ("identifiable", "restricted", "pseudonymised", "anonymised", "aggregated")


@dataclass(frozen=True)
class Folder:
    """One folder of models: where its relations are built and which folders it may read.

    `schema` None means any schema of the database.
    """

    database: str
    schema: str | None
    may_read: frozenset[str]
    python: bool = False


def _reads(*folders: str) -> frozenset[str]:
    return frozenset(folders)


# `landing` and `seeds` stand for the landing sources and the seeds.
FOLDERS: dict[str, Folder] = {
    "staging": Folder("identifiable", "staging", _reads("landing", "staging", "seeds")),
    "identity": Folder("identifiable", "identity", _reads("staging", "identity", "seeds")),
    "handover": Folder(
        "pseudonymised", "handover", _reads("staging", "identity", "handover", "seeds")
    ),
    "core": Folder("pseudonymised", "core", _reads("handover", "core", "seeds")),
    "governance": Folder(
        "pseudonymised", "governance", _reads("core", "handover", "governance", "seeds")
    ),
    "governance/reasons": Folder(
        "restricted",
        "governance",
        _reads("core", "handover", "governance", "governance/reasons", "seeds"),
    ),
    "disclosure": Folder(
        "restricted",
        "disclosure",
        _reads("core", "governance", "handover", "disclosure", "seeds"),
        python=True,
    ),
    "marts": Folder("aggregated", "marts", _reads("disclosure", "marts", "seeds")),
    "marts/derived": Folder(
        "aggregated",
        "marts",
        _reads("marts", "marts/derived", "marts/register", "seeds"),
        python=True,
    ),
    "marts/register": Folder(
        "aggregated", "marts", _reads("governance", "marts/register", "seeds")
    ),
    "marts/perturbed": Folder("aggregated", "marts", _reads("core", "marts/perturbed", "seeds")),
    "anonymised": Folder("anonymised", None, _reads("core", "governance", "anonymised", "seeds")),
    "releases": Folder(
        "restricted",
        "releases",
        _reads(
            "marts",
            "marts/derived",
            "marts/register",
            "marts/perturbed",
            "core",
            "governance",
            "governance/reasons",
            "anonymised",
            "releases",
            "seeds",
        ),
    ),
}
# The views over the landing folder that the plugin makes: (database, schema).
LANDING = ("memory", "landing")
SEEDS_DATABASE = "pseudonymised"
SEEDS_SCHEMA = "seeds"

# Folders whose models may read relations of the identifiable database. Their SQL is traced column
# by column.
IDENTIFIABLE_FOLDERS = ("staging", "identity")
TRACED_FOLDERS = ("staging", "identity", "handover")
# Here an identifier may not steer which rows come out, except by bare equality and IS NULL.
STRICT_FOLDERS = ("identity", "handover")
GROUP = "identifiable"
GROUP_ACCESS = {"staging": "private", "identity": "private", "handover": "protected"}

# The keyed function and who may call it: folders, then single models.
KEYED_FUNCTIONS = frozenset({"keyed_uuid", "keyed_text"})
KEYED_FOLDERS = ("identity", "handover")
KEYED_MODELS = ("rel_person_pseudonym", "rel_pseudonym_bridge", "rel_superseded_pseudonym")
KEYED_MACRO_FOLDER = "macros/pseudonymisation/"
# Its key is printed in RFC 4231: under it anybody can undo a pseudonym by trying every NHS number.
PUBLISHED_KEYS = frozenset({"known_answer"})

# Calls whose result is no longer an identifier, by the name under which compiled SQL shows them.
# age_on_1_april and age_band are also recognised by shape (lineage.is_age_on_1_april).
APPROVED_DERIVATIONS = frozenset({"age_on_1_april", "scrubbed"})

# The only values an identifier may be compared with: default codes that stand for "not known"
# (HES technical output specification; systems that write 1900 for a birth date; NHS postcode
# directory). Any other constant is a question
# about one person.
DEFAULT_LITERALS = frozenset(
    {"", "1800-01-01", "1801-01-01", "1900-01-01", "ZZ99 3VZ", "ZZ99 3WZ", "ZZ99 3CZ", "ZZ99 3GZ"}
)

APPROVED_ON, EXPIRES_ON = datetime.date(2026, 3, 31), datetime.date(2027, 3, 31)


def _excused(reason: str) -> Exemption:
    return Exemption(reason, APPROVED_ON, EXPIRES_ON)


# `model.column` -> why the trace is wrong or harmless there. Nothing enters without a reason and an
# end: after it the column is refused until somebody looked at it again and wrote a new approval.
DECLASSIFIED: dict[str, Exemption] = {
    "stg_*_checked.errors": _excused(
        "names of broken rules, constants of the contract; it holds no value"
    ),
    "stg_quality_item.default_count": _excused(
        "how many values are default codes; it holds none of them"
    ),
    "idn_death_agreement.recorded_death_agreement": _excused(
        "whether two days of death are the same; neither day is in it"
    ),
    "stg_quality_finding.column_name": _excused("names of broken rules, constants of the macro"),
    "stg_quality_finding.rule": _excused(
        "names of broken rules, constants of the macro; it holds no value"
    ),
    "idn_record_of_the_dead.is_after_death": _excused(
        "names an error of a record; the day is not in it"
    ),
    "idn_episode_in_turn.is_admitted_during_other_stay": _excused(
        "names an error of a record; the spell number only puts spells of the same days in order"
    ),
    "hnd_person.death_month": _excused(
        "the day is dropped; who died in a month is no identifier by itself"
    ),
}

# Table functions. Everything else that a FROM clause can call reads files, other databases, the
# catalogue, or SQL in a string.
TABLE_FUNCTIONS = frozenset({"unnest", "range", "generate_series"})
# Scalar functions that reach outside the row, or run names given as text.
FORBIDDEN_FUNCTIONS = frozenset(
    {
        "getvariable",
        "getenv",
        "current_setting",
        "query",
        "query_table",
        "read_text",
        "read_blob",
        "json_execute_serialized_sql",
        "nextval",
        "currval",
        "to_json_rows",
        "pg_read_file",
    }
)

# The only SQL that may run around a node: the build register.
APPROVED_HOOKS = frozenset({"{{ register_build(this) }}"})
APPROVED_OPERATIONS: frozenset[str] = frozenset()

# Macros that may run SQL while compiling, with the reason.
STATEMENT_MACROS: dict[str, str] = {}
# Macros that may write the rows of a unit test's fixture, with the reason.
FIXTURE_MACROS: dict[str, str] = {
    "landed_rows": "writes rows of constants over the columns of the landing contract",
    "landed_envelopes": "writes rows of constants over the columns of the envelope",
}
# Built-in macros that the project may replace, with the reason.
OVERRIDDEN_MACROS: dict[str, str] = {
    "generate_schema_name": "schemas are named by folder, without the target's name in front",
    "generate_database_name": "databases are the five zones",
}

# Names that identify people in whatever table of the identifiable zone they stand.
IDENTIFIER_NAMES = frozenset(
    {
        "address_line",
        "clinical_note",
        "date_of_birth",
        "family_name",
        "given_name",
        "identity_value",
        "local_patient_id",
        "nhs_number",
        "postcode",
        "superseded_by_nhs_number",
    }
)
# Where a postcode is a place, not somebody's home.
REFERENCE_RELATIONS = frozenset(
    {
        "idn_postcode",
        "postcode_directory",
        "stg_postcode_directory",
        "stg_postcode_directory_checked",
    }
)
# HES technical output specification v1.15, fields marked restricted: 24 names; `_n` is a number.
HES_RESTRICTED = (
    "acplcid_n",
    "bookrefno",
    "category",
    "detncat",
    "dob",
    "dobbaby_n",
    "gridlink",
    "hesid",
    "homeadd",
    "legalgpa",
    "legalgpc",
    "leglcat",
    "leglstat",
    "leglstatst",
    "lopatid",
    "motdob",
    "newnhsno",
    "oacode01",
    "oacode11",
    "patpathid",
    "person_id",
    "provspno",
    "referrer",
    "reggmp",
)
