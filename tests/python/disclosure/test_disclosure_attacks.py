"""Attacks on published packs. Each has a control: without the defence the attack succeeds."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import highspy
import pytest
from click.testing import CliRunner
from cubes import AGE, COMMISSIONER, PERIOD, POD, PROVIDER, RULE, SEX, Cube, Event, events, publish

from safe_haven.audit import solver
from safe_haven.disclosure.audit import AuditResult, audit_packs
from safe_haven.disclosure.command import NOTHING_AUDITED, audit_command
from safe_haven.disclosure.system import Rule

Audit = Callable[..., AuditResult]
Defended = Callable[..., dict[str, str]]


def providers(*counts: int) -> Cube:
    """One dimension: providers with so many single-record persons each."""
    named = {(f"V{i}",): count for i, count in enumerate(counts)}
    return Cube({"t": [PROVIDER]}, events(named, ["provider_code"]))


def told(result: AuditResult, cell: str) -> tuple[int | None, int | None]:
    """Interval that the auditor found for the people of one cell."""
    found = [
        f for f in result.failures if f.cell == cell and f.reason.startswith("withheld people")
    ]
    assert found, [str(f) for f in result.failures]
    return found[0].lo, found[0].hi


def test_attack_rounding_of_two_addends_gives_one(audit: Audit, defended: Defended) -> None:
    """True (1, 13, 13; 27) is shown (c, 15, 15; 25): the withheld count is 1."""
    cube = providers(1, 13, 13)
    assert told(audit(cube, cube.primaries()), "provider_code=V0") == (1, 1)
    assert audit(cube, defended(cube)).passed


def test_attack_rounding_of_three_addends_gives_seven(audit: Audit, defended: Defended) -> None:
    """True (7, 12, 12, 12; 43) is shown (c, 10, 10, 10; 45): the withheld count is 7."""
    cube = Cube({"t": [SEX]}, events({("m",): 7, ("f",): 12, ("x",): 12, ("u",): 12}, ["sex"]))
    assert told(audit(cube, cube.primaries()), "sex=m") == (7, 7)
    assert audit(cube, defended(cube)).passed


def test_attack_exact_total_beside_rounded_parts(audit: Audit, defended: Defended) -> None:
    """True (1, 13; exact 14): with every count exact the withheld one is a subtraction."""
    rule = {**RULE, "round_to": 1}
    cube = providers(1, 13)
    assert told(audit(cube, cube.primaries(), rule=rule), "provider_code=V0") == (1, 1)
    assert audit(cube, defended(cube, Rule(round_to=1)), rule=rule).passed


def test_attack_two_capped_symbols(audit: Audit, defended: Defended) -> None:
    """Two withheld of a shown 15 (13-17), each at most 7: both are 6 or 7."""
    cube = Cube({"t": [SEX]}, events({("m",): 7, ("f",): 7}, ["sex"]))
    assert told(audit(cube, cube.primaries()), "sex=m") == (6, 7)
    assert audit(cube, defended(cube)).passed


def test_attack_parity_cube(audit: Audit, defended: Defended) -> None:
    """All eight cells withheld, nothing linear to recover, yet a 1 on each parity fixes all."""
    axes = [{"name": name, "levels": [name], "total": "ALL"} for name in ("x", "y", "z")]
    counts = {(a, b, c): 9 for a in "01" for b in "01" for c in "01"}
    counts["0", "0", "0"] = counts["1", "1", "1"] = 1
    cube = Cube({"t": axes}, events(counts, ["x", "y", "z"]))
    rule = {**RULE, "round_to": 1}
    leaves = {c.id: "withheld" for c in cube.cells.values() if len(c.at) == 3}
    result = audit(cube, {**cube.primaries(), **leaves}, rule=rule)
    assert told(result, "x=0, y=0, z=0") == (1, 1)
    assert told(result, "x=1, y=1, z=1") == (1, 1)
    assert audit(cube, defended(cube, Rule(round_to=1)), rule=rule).passed


def test_attack_bridge_with_two_withheld_per_line(audit: Audit, defended: Defended) -> None:
    """Two or more withheld in every row and column, but one cell joins the two halves alone."""
    axes = [{"name": name, "levels": [name], "total": "ALL"} for name in ("r", "c")]
    shown = {("0", "2"), ("0", "3"), ("1", "3"), ("2", "0"), ("2", "1"), ("3", "0"), ("3", "1")}
    counts = {(r, c): 20 for r in "0123" for c in "0123"}
    counts["1", "2"] = 3
    cube = Cube({"t": axes}, events(counts, ["r", "c"]))
    rule = {**RULE, "round_to": 1}
    weak = {
        cell.id: "shown"
        if len(cell.at) < 2 or (dict(cell.at)["r"], dict(cell.at)["c"]) in shown
        else "withheld"
        for cell in cube.cells.values()
    }
    assert told(audit(cube, weak, rule=rule), "c=2, r=1") == (3, 3)
    assert audit(cube, defended(cube, Rule(round_to=1)), rule=rule).passed


def test_attack_people_against_records(audit: Audit, defended: Defended) -> None:
    """People do not add over providers, but records do, and people are at most records."""
    cube = Cube(
        {"t": [PROVIDER]},
        [
            Event(1, {"provider_code": "V0"}),
            *(Event(p, {"provider_code": v}) for v in ("V1", "V2") for p in range(1, 14)),
        ],
    )
    assert len(cube.cells[()].persons) == 13
    assert told(audit(cube, cube.primaries()), "provider_code=V0") == (1, 1)
    assert audit(cube, defended(cube)).passed


def test_attack_icb_total_against_sub_icbs(audit: Audit, defended: Defended) -> None:
    """Sub-ICBs (1, 13, 13) of an ICB of 27, inside a national total."""
    counts = {("QA", "01A"): 1, ("QA", "01B"): 13, ("QA", "01C"): 13, ("QB", "02A"): 50}
    cube = Cube({"t": [COMMISSIONER]}, events(counts, ["icb_code", "sub_icb_code"]))
    scope = {"national": True, "icb_code": ["QA", "QB"]}
    control = audit(cube, cube.primaries(), scope=scope)
    assert told(control, "icb_code=QA, sub_icb_code=01A") == (1, 1)
    assert audit(cube, defended(cube), scope=scope).passed


def test_attack_month_against_quarter(audit: Audit, defended: Defended) -> None:
    """A withheld month is the rounded quarter less its two shown months."""
    counts = {("Q1", "04"): 1, ("Q1", "05"): 13, ("Q1", "06"): 13}
    cube = Cube({"t": [PERIOD]}, events(counts, ["quarter", "month"]))
    control = audit(cube, cube.primaries())
    assert told(control, "month=04, quarter=Q1") == (1, 1)
    assert audit(cube, defended(cube)).passed


def two_tables() -> Cube:
    """A pod by provider table and a pod by sex table that share their pod totals."""
    levels = ["point_of_delivery", "provider_code", "sex"]
    counts = {("e", "V0", "m"): 1, ("e", "V1", "m"): 13, ("e", "V2", "f"): 13, ("o", "V1", "f"): 40}
    return Cube({"a": [POD, PROVIDER], "b": [POD, SEX]}, events(counts, levels))


def test_attack_same_cell_under_another_table(audit: Audit, defended: Defended) -> None:
    """A cell withheld in one table and shown in the other, or shown with another value."""
    cube = two_tables()
    safe = defended(cube)
    assert audit(cube, safe).passed

    def hide(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        for row in rows:
            if row["point_of_delivery"] == "o" and row["sex"] == "ALL":
                row.update(records="", people="", bed_days="", status="withheld")
        return rows

    def raise_(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        for row in rows:
            if row["point_of_delivery"] == "o" and row["sex"] == "ALL":
                row.update(records="45")
        return rows

    for forged in (hide, raise_):
        result = audit(cube, safe, alter={"b": forged})
        assert any("differs from" in f.reason for f in result.failures)


def test_attack_through_a_linked_table(audit: Audit, defended: Defended) -> None:
    """Each table alone hides its small cell; together they give it away."""
    cube = two_tables()
    control = audit(cube, cube.primaries())
    assert told(control, "point_of_delivery=e, provider_code=V0") == (1, 1)
    assert audit(cube, defended(cube)).passed


def test_attack_single_part_of_a_total(audit: Audit, defended: Defended) -> None:
    """A total with one part equals it: both are withheld, or both are shown."""
    counts = {("QA", "01A"): 5, ("QB", "02A"): 60, ("QB", "02B"): 60}
    cube = Cube({"t": [COMMISSIONER]}, events(counts, ["icb_code", "sub_icb_code"]))
    scope = {"national": True, "icb_code": ["QA", "QB"]}
    safe = defended(cube)
    assert safe["icb_code=QA"] == safe["icb_code=QA|sub_icb_code=01A"] == "withheld"
    assert audit(cube, safe, scope=scope).passed
    control = {**safe, "icb_code=QA": "shown"}
    result = audit(cube, control, scope=scope)
    assert result.failures[0].reason == "records shows a count that must be withheld"


def _drop_withheld(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [row for row in rows if row["status"] == "shown"]


def test_attack_missing_rows_instead_of_withheld_ones(audit: Audit, defended: Defended) -> None:
    """A left-out row reads as zero: the rest no longer fits, and the row is found missing."""
    cube = Cube(
        {"t": [PROVIDER, SEX]},
        events(
            {("V0", "m"): 7, ("V0", "f"): 7, ("V1", "m"): 30, ("V1", "f"): 30},
            ["provider_code", "sex"],
        ),
    )
    safe = defended(cube)
    assert audit(cube, safe).passed
    assert not audit(cube, safe, alter={"t": _drop_withheld}).passed
    assert not audit(cube, cube.primaries(), alter={"t": _drop_withheld}).passed


def _fill(measure: str, value: str, status: str) -> Callable:
    def change(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        row = next(row for row in rows if row["status"] == status)
        row[measure] = value
        return rows

    return change


FORGED_ROWS = {
    "withheld row with bed days": (_fill("bed_days", "5", "withheld"), "carries a number"),
    "withheld row with records": (_fill("records", "0", "withheld"), "carries a number"),
    "exact value": (_fill("records", "41", "shown"), "not a multiple of 5"),
    "exact bed days": (_fill("bed_days", "3", "shown"), "not a multiple of 5"),
    "small count shown": (_fill("people", "5", "shown"), "must be withheld"),
    "empty but shown": (_fill("people", "", "shown"), "not a whole number"),
    "NULL as text": (_fill("people", "NULL", "shown"), "not a whole number"),
    "negative": (_fill("people", "-10", "shown"), "not a whole number"),
    "decimal": (_fill("people", "10.0", "shown"), "not a whole number"),
    "records of nobody": (_fill("people", "0", "shown"), "zero together"),
    "other status": (_fill("status", "suppressed", "withheld"), "status is"),
    "star for status": (_fill("status", "*", "shown"), "status is"),
    "empty category": (_fill("sex", "", "shown"), "sex is empty"),
}


@pytest.mark.parametrize("case", FORGED_ROWS)
def test_attack_forged_row(audit: Audit, defended: Defended, case: str) -> None:
    """A row that says more than its status allows fails, whatever else is right."""
    cube = Cube({"t": [SEX]}, events({("m",): 3, ("f",): 40, ("x",): 41}, ["sex"]))
    forge, reason = FORGED_ROWS[case]
    safe = defended(cube)
    assert audit(cube, safe).passed
    result = audit(cube, safe, alter={"t": forge})
    assert any(reason in f.reason for f in result.failures), [str(f) for f in result.failures]


def test_attack_no_suppression_at_all(audit: Audit) -> None:
    """Rounding alone shows a 5 for 3 persons."""
    cube = providers(3, 40)
    result = audit(cube, dict.fromkeys((c.id for c in cube.cells.values()), "shown"))
    assert any("must be withheld" in f.reason for f in result.failures)


def test_attack_contradicting_values(audit: Audit, defended: Defended) -> None:
    """Published values that no table fits are refused: one of them is wrong or left out."""
    cube = providers(30, 40)
    safe = defended(cube)
    assert audit(cube, safe).passed
    result = audit(cube, safe, alter={"t": _fill("records", "95", "shown")})
    (failure,) = result.failures
    assert failure.reason.startswith("no table of counts fits what is published")


def national() -> Cube:
    """Three ICBs: 1, 13 and 13 persons, with all totals."""
    counts = {("QA", "01A"): 1, ("QB", "02A"): 13, ("QC", "03A"): 13}
    return Cube({"t": [COMMISSIONER]}, events(counts, ["icb_code", "sub_icb_code"]))


def test_attack_national_less_the_icbs_of_colluding_recipients(
    pack: Callable[..., Path], defended: Defended
) -> None:
    """No recipient alone can subtract; all of them together can."""
    cube = national()
    parts = {"icb_code": ["QA", "QB", "QC"]}

    def packs(status: dict[str, str]) -> list[Path]:
        return [
            pack(
                cube,
                status,
                scope={"national": True, "icb_code": [icb], "national_parts": parts},
                keep=lambda at, icb=icb: at.get("icb_code", icb) == icb,
            )
            for icb in parts["icb_code"]
        ]

    weak = packs(cube.primaries())
    assert all(audit_packs([folder]).passed for folder in weak)
    assert told(audit_packs(weak), "icb_code=QA") == (1, 1)
    assert audit_packs(packs(defended(cube))).passed


def test_out_of_scope_parts_are_not_zeros(audit: Audit, defended: Defended) -> None:
    """A recipient that sees one ICB does not learn that the others are empty."""
    cube = national()
    only = {"national": True, "icb_code": ["QB"]}
    keep = lambda at: at.get("icb_code", "QB") == "QB"  # noqa: E731
    assert audit(cube, defended(cube), scope=only, keep=keep).passed


def test_attack_row_outside_the_scope(audit: Audit, defended: Defended) -> None:
    """A row of another recipient's ICB is a failure, whatever it shows."""
    cube = national()
    result = audit(cube, defended(cube), scope={"national": True, "icb_code": ["QB", "QC"]})
    assert any("outside the declared scope" in f.reason for f in result.failures)


def test_attack_two_packs_under_two_patterns(pack: Callable[..., Path], defended: Defended) -> None:
    """Packs that are safe alone but hide different cells show each other's."""
    cube = providers(40, 50, 60, 70)
    every = dict.fromkeys((cell.id for cell in cube.cells.values()), "shown")
    first = {**every, "provider_code=V0": "withheld", "provider_code=V1": "withheld"}
    second = {**every, "provider_code=V2": "withheld", "provider_code=V3": "withheld"}
    folders = [pack(cube, first), pack(cube, second)]
    assert audit_packs(folders[:1]).passed
    result = audit_packs(folders)
    assert any("differs from" in f.reason for f in result.failures)


def _spec(package: dict) -> dict:
    return package["resources"][0]["safe_haven"]


BROKEN_PACKAGES = {
    "no safe_haven": lambda p: p["resources"][0].pop("safe_haven"),
    "no scope": lambda p: p.pop("safe_haven"),
    "no resources": lambda p: p.pop("resources"),
    "no resource": lambda p: p["resources"].clear(),
    "no rule": lambda p: _spec(p).pop("rule"),
    "no width": lambda p: _spec(p).pop("required_width"),
    "no dimensions": lambda p: _spec(p).pop("dimensions"),
    "one dimension less": lambda p: _spec(p)["dimensions"].pop(),
    "no measures": lambda p: _spec(p).pop("measures"),
    "no people": lambda p: _spec(p)["measures"].pop(1),
    "no status": lambda p: _spec(p).pop("status"),
    "no regime": lambda p: _spec(p).pop("regime"),
    "no fields": lambda p: p["resources"][0].pop("schema"),
    "field order": lambda p: p["resources"][0]["schema"]["fields"].reverse(),
    "other width": lambda p: _spec(p).update(required_width=0),
    "text for a number": lambda p: _spec(p)["rule"].update(suppress_hi="7"),
    "zeros not shown": lambda p: _spec(p)["rule"].update(zero_is_shown=False),
    "path outside": lambda p: p["resources"][0].update(path="../elsewhere.csv"),
    "no such file": lambda p: p["resources"][0].update(path="data/none.csv"),
}


@pytest.mark.parametrize("case", BROKEN_PACKAGES)
def test_attack_malformed_description(audit: Audit, defended: Defended, case: str) -> None:
    """What cannot be read as declared is a failure, never a pass."""
    cube = Cube(
        {"t": [PROVIDER, SEX]}, events({("V0", "m"): 30, ("V1", "f"): 40}, ["provider_code", "sex"])
    )
    safe = defended(cube)
    assert audit(cube, safe).passed
    assert not audit(cube, safe, change_package=BROKEN_PACKAGES[case]).passed


def test_attack_undeclared_data_file(pack: Callable[..., Path], defended: Defended) -> None:
    """A second CSV beside the declared one is not audited, so it fails."""
    cube = providers(30, 40)
    folder = pack(cube, defended(cube))
    assert audit_packs([folder]).passed
    (folder / "data" / "more.csv").write_text("provider_code,records\nV0,30\n", encoding="utf-8")
    assert any("not declared" in f.reason for f in audit_packs([folder]).failures)


def test_nothing_to_audit_is_not_a_pass(tmp_path: Path) -> None:
    """An empty folder, or no folder, does not pass."""
    assert not audit_packs([tmp_path]).passed
    assert not audit_packs([]).passed


def test_audit_command_says_pass_or_fail(tmp_path: Path, defended: Defended) -> None:
    """Exit code 0 and 1, and the failing cell is named."""
    cube = providers(1, 13, 13)
    good = publish(cube, defended(cube), tmp_path / "good")
    bad = publish(cube, cube.primaries(), tmp_path / "bad")
    runner = CliRunner()
    passed = runner.invoke(audit_command, [str(good)])
    assert passed.exit_code == 0, passed.output
    failed = runner.invoke(audit_command, [str(bad)])
    assert failed.exit_code == 1
    assert "provider_code=V0" in failed.output
    assert json.loads((good / "datapackage.json").read_text(encoding="utf-8"))["resources"]


def test_audit_command_has_nothing_to_say_of_records(tmp_path: Path, defended: Defended) -> None:
    """Alone they are not audited, beside figures the figures are; control: no pack fails."""
    cube = providers(1, 13, 13)
    good = publish(cube, defended(cube), tmp_path / "good")
    bad = publish(cube, cube.primaries(), tmp_path / "bad")
    records = tmp_path / "records"
    (records / "data").mkdir(parents=True)
    run = CliRunner().invoke
    assert run(audit_command, [str(records)]).exit_code == 1
    (records / "data" / "records.duckdb.enc").write_bytes(b"x")
    alone = run(audit_command, [str(records)])
    assert alone.exit_code == NOTHING_AUDITED
    assert "nothing to audit" in alone.output and "FAILED" not in alone.output
    assert run(audit_command, [str(records), str(good)]).exit_code == 0
    assert run(audit_command, [str(records), str(bad)]).exit_code == 1
    (bad / "data" / "records.duckdb.enc").write_bytes(b"x")
    assert run(audit_command, [str(bad)]).exit_code == 1


def test_attack_age_by_sex_of_one_small_area(audit: Audit, defended: Defended) -> None:
    """People add over age and sex: seven ones under a withheld total of at most seven."""
    counts = {(area, str(a), s): 9 + a for area in "xyz" for a in range(4) for s in "mf"}
    for at in range(7):
        counts["x", str(at // 2), "mf"[at % 2]] = 1
    del counts["x", "3", "f"]
    area = {"name": "area", "levels": ["area"], "total": "ALL"}
    cube = Cube({"t": [area, AGE, SEX]}, events(counts, ["area", "age_band", "sex"]))
    control = audit(cube, cube.primaries())
    assert told(control, "age_band=0, area=x, sex=m") == (1, 1)
    assert audit(cube, defended(cube)).passed


def test_attack_on_an_auditor_whose_solver_gives_up(
    audit: Audit, defended: Defended, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A solver that cannot say has neither proved a contradiction nor that a cell is safe."""
    cube = providers(1, 13, 13)
    safe = defended(cube)
    assert audit(cube, safe).passed

    class GivesUp(highspy.Highs):
        """A solver that never reaches a verdict."""

        def getModelStatus(self) -> highspy.HighsModelStatus:
            """Say that nothing is known."""
            return highspy.HighsModelStatus.kUnknown

    monkeypatch.setattr(solver.highspy, "Highs", GivesUp)
    result = audit(cube, safe)
    assert {f.reason.partition(": ")[2] for f in result.failures} == {
        "undecided: the solver gave up, treated as unsafe"
    }


def test_attack_on_a_reader_that_stumbles(pack: Callable[..., Path], defended: Defended) -> None:
    """Quotes that never end, and bytes that are no text; the control is the file as it was."""
    cube = providers(1, 13, 13)
    folder = pack(cube, defended(cube))
    assert audit_packs([folder]).passed
    (path,) = (folder / "data").glob("*.csv")
    for bad in (b'"a"b\n', b"\xff\n"):
        good = path.read_bytes()
        path.write_bytes(good + bad)
        assert [f.reason[:9] for f in audit_packs([folder]).failures] == ["malformed"]
        path.write_bytes(good)
    assert audit_packs([folder]).passed
