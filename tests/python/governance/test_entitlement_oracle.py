"""The models against an oracle that shares no code with them, on worlds nobody chose."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, fields

import pytest
import yaml
from entitlement_oracle import EVERY_REASON, Oracle
from hypothesis import HealthCheck, Phase, given, seed, settings
from sql_world import Decisions, Models, Rows, decide
from worlds import Row, apart, rules, worlds

from safe_haven.paths import PROJECT_ROOT

DAY = datetime.date.fromisoformat(
    yaml.safe_load((PROJECT_ROOT / "dbt_project.yml").read_text())["vars"]["release_date"]
)
WORLDS = 600
SEED = 20260331
BATCH = 50
"""Worlds that are put into one database."""
NO_GATE = "then []::varchar[]"
WITHHELD = "\n    where withheld_identity_reason is not null"
SENSITIVE_RECORD = '"hnd_sensitive_record_person"'
PERIOD_OF_SUB_ICB = "entitlement.period_start"
FILTERS = (
    ("gov_release_eligibility", "and record.setting = agreement_setting.setting", ""),
    ("gov_release_eligibility", "where flow in ('record_level', 'controlled')", ""),
    ("gov_record_recipient", "using (linked_by, linked_code)", "using (linked_code)"),
    ("gov_aggregate_scope", "and is_allowed", ""),
    ("gov_aggregate_scope", "count(distinct entitled_sub_icb.sub_icb_code) = ", "0 < "),
    ("gov_agreement_version", "order by starts_on <= ", "order by starts_on > "),
    ("gov_agreement_conflict", "judged.table_name = other.table_name", "true"),
    ("gov_agreement_conflict", "judged.organisation_code = other.organisation_code", "true"),
    ("gov_agreement_conflict", "judged.opt_out_regime <> other.opt_out_regime", "true"),
    (
        "gov_agreement_conflict",
        "judged.opt_out_regime <> other.opt_out_regime",
        "judged.opt_out_regime = 'applied' and other.opt_out_regime = 'not_applied'",
    ),
    ("gov_agreement_conflict", "other.retained_until >= ", "null >= "),
    ("gov_agreement_conflict", "other.data_destroyed_on > ", "date '9999-12-31' > "),
    ("gov_agreement_conflict", "judged.left_on >= ", "date '9999-12-31' >= "),
    ("gov_agreement_conflict", "where joined_on <= ", "where date '1900-01-01' <= "),
    ("gov_assured_organisation", "order by published_on desc", "order by published_on"),
    ("gov_assured_organisation", "published_on desc, is_assured asc", "published_on desc"),
    ("gov_assured_organisation", "where published_on <= ", "where date '1900-01-01' <= "),
    ("gov_agreement_party", "joined_on <= ", "date '1900-01-01' <= "),
    ("gov_agreement_party", "left_on >= ", "date '9999-12-31' >= "),
    (
        "gov_agreement_conflict",
        "inner join judged_version using (agreement_id, agreement_version)",
        "",
    ),
    ("gov_recipient_scope", "where linked_by is not null", ""),
    ("gov_aggregate_scope", "flow = 'aggregate'", "true"),
    ("gov_aggregate_scope", PERIOD_OF_SUB_ICB, "null as period_start"),
    ("gov_entitlement", "agreement.period_end,", "agreement.period_start as period_end,"),
    ("gov_entitlement", "agreement.flow,", "'aggregate' as flow,"),
    ("gov_legal_gate", SENSITIVE_RECORD, f"{SENSITIVE_RECORD} where false"),
    ("gov_legal_gate", "where not regexp_full_match(code, ", "where false and ('' = "),
    ("gov_legal_gate", " and known_person.person_key is not null", ""),
    ("gov_legal_gate", "coalesce(activity.is_person_established, false) and ", ""),
    ("gov_legal_gate", f'"fct_apc_spell"{WITHHELD}', '"fct_apc_spell" where false'),
    (
        "gov_legal_gate",
        f'"fct_outpatient_appointment"{WITHHELD}',
        '"fct_outpatient_appointment" where false',
    ),
    (
        "gov_legal_gate",
        f'"fct_emergency_attendance"{WITHHELD}',
        '"fct_emergency_attendance" where false',
    ),
    ("rel_pack", "bool_or(is_allowed) as has_scope", "true as has_scope"),
    ("rel_pack", "agreement.is_allowed and coalesce(entitled.has_scope, false)", "true"),
    ("rel_entitlement", "where is_allowed", ""),
    ("rel_field", "using (field_list)", "on true"),
    ("gov_objection_in_force", "objection.kind = 'national_data_opt_out'", "true"),
    ("gov_objection_in_force", "coalesce(person.surviving_person_key, ", "coalesce("),
)
"""Model, what selects its rows, and what stands in its place."""


@dataclass(frozen=True)
class Batch:
    """The rows of some worlds, and what the oracle decides about each of them."""

    rows: Rows
    expected: Decisions


@pytest.fixture(scope="module")
def batches() -> list[Batch]:
    """Worlds drawn by hypothesis, and the oracle's word on them."""
    drawn: list[dict[str, list[Row]]] = []

    @seed(SEED)
    @settings(
        max_examples=WORLDS,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(world=worlds(DAY))
    def draw(world: dict[str, list[Row]]) -> None:
        drawn.append(apart(len(drawn), world))

    draw()
    assert len(drawn) >= WORLDS
    shared = rules(DAY)
    return [
        Batch(
            rows={name: [row for world in some for row in world[name]] for name in some[0]}
            | shared,
            expected=Decisions.of_all(Oracle(world | shared, DAY).decide() for world in some),
        )
        for some in (drawn[at : at + BATCH] for at in range(0, WORLDS, BATCH))
    ]


def disagreements(models: Models, batch: Batch) -> list[str]:
    """What models and oracle see differently."""
    decided, expected = decide(models, batch.rows), batch.expected
    found = []
    for name in (field.name for field in fields(Decisions)):
        ours, theirs = getattr(decided, name), getattr(expected, name)
        if isinstance(ours, frozenset):
            found += [f"{name} {row}" for row in ours ^ theirs]
            continue
        found += [
            f"{name} {key}: {ours.get(key)}, the oracle says {theirs.get(key)}"
            for key in sorted(ours.keys() | theirs.keys())
            if ours.get(key) != theirs.get(key)
        ]
    return found


def test_the_models_decide_as_the_oracle_does(models: Models, batches: list[Batch]) -> None:
    for batch in batches:
        assert disagreements(models, batch) == []


def test_the_worlds_hold_every_refusal_and_every_grant(batches: list[Batch]) -> None:
    """Else agreement would say little: each reason refuses alone somewhere, and much is owed."""
    alone = {
        reason
        for batch in batches
        for decided in (
            batch.expected.eligibility,
            batch.expected.entitlement,
            batch.expected.packs,
        )
        for reasons in decided.values()
        if len(reasons) == 1
        for reason in reasons
    }
    owed = sum(not reasons for b in batches for reasons in b.expected.eligibility.values())
    areas = {area[2:4] for batch in batches for area in batch.expected.areas}
    assert alone == EVERY_REASON
    assert owed > WORLDS / 8
    assert len(areas) > WORLDS / 10


@pytest.mark.parametrize("reason", sorted(EVERY_REASON))
def test_without_a_gate_the_oracle_disagrees(
    models: Models, batches: list[Batch], reason: str
) -> None:
    """Every place in the models that names a reason, one after another."""
    gate = f"then ['{reason}']"
    holders = [name for name, text in models.sql.items() if gate in text]
    assert holders
    for name in holders:
        mutant = models.with_text(name, gate, NO_GATE)
        assert any(disagreements(mutant, batch) for batch in batches), name


@pytest.mark.parametrize(("model", "rule", "instead"), FILTERS)
def test_without_a_filter_the_oracle_disagrees(
    models: Models, batches: list[Batch], model: str, rule: str, instead: str
) -> None:
    mutant = models.with_text(model, rule, instead)
    assert any(disagreements(mutant, batch) for batch in batches)
