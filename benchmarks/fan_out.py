"""Cut packs for 200 recipients: records of 10 data sets, beside Parquet of the same rows; tables.

    .venv/bin/python benchmarks/fan_out.py records [--rows 5000000] [--recipients 200] [--rounds 3]
    .venv/bin/python benchmarks/fan_out.py aggregates [--recipients 200] [--rounds 3] [--audit]

Prints medians of the rounds, which for records are interleaved, in seconds of the clock and of the
processor. "Written" is from the warehouse to signed packs; "proved", "audited" together and
"searched" for identifiers are what stands between them and their recipients. Records are compared
with one partitioned Parquet write of the same rows, as ten COPY statements: a file per recipient
and data set, in the clear and in no order, compressed with zstd as in aggregate packs, and as
DuckDB does by default. Aggregate packs have the three linked tables of 42 boards over a year, with
counts that are withheld; several recipients share a board.

Fails where writing takes more than 90 seconds (aggregates: 60), or packs of records more than three
times as long as the Parquet files.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import duckdb

from safe_haven import zones
from safe_haven.keyring import Keyring
from safe_haven.paths import State
from safe_haven.release import cut, pack, tables
from safe_haven.release.audits import Checks, audit_disclosure, scan_for_identifiers

MOST_SECONDS, MOST_RATIO = 90.0, 3.0
MOST_SECONDS_AGGREGATE = 60.0
COMPRESSIONS = ("snappy", "zstd")
BOARDS = 42
DATA_SETS = [f"data_set_{at}" for at in range(10)]
FIELDS = {
    "person_pseudonym": "uuid",
    "spell_number": "bigint",
    "responsible_commissioner_code": "varchar",
    "provider_code": "varchar",
    "point_of_delivery": "varchar",
    "age_band": "varchar",
    "sex": "varchar",
    "patient_classification": "varchar",
    "admission_method": "varchar",
    "treatment_function_code": "varchar",
    "primary_diagnosis": "varchar",
    "admission_month": "varchar",
    "discharge_month": "varchar",
    "length_of_stay_days": "bigint",
}
"""What `rel_apc_spell` gives, by type: the widest table of the packs there are."""
SHAPE = tables.RecordTable(("discharge_month", "admission_month"), "person_pseudonym")
PERIOD = ("2024-04-01", "2026-03-31")
PEOPLE_PER_ROW = 0.25

RECORDS = """
create table restricted.releases.rel_{name} as
with drawn as (
    select
        number,
        (hash(number, '{name}') >> 2)::bigint as draw,
        (hash(number, '{name}', 'more') >> 2)::bigint as more
    from range({rows}) as drawn(number)
)
select
    'DSA-' || lpad((draw % {recipients})::varchar, 3, '0') as agreement_id,
    md5('{name}' || number) as record_key,
    md5(draw % {recipients} || '/' || (draw // 1000) % {people})::uuid as person_pseudonym,
    (1 + more % 9)::bigint as spell_number,
    'Q' || lpad((draw % {recipients})::varchar, 3, '0') as responsible_commissioner_code,
    'R' || lpad((more % 97)::varchar, 2, '0') as provider_code,
    ['day_case', 'elective', 'emergency', 'non_elective', 'regular'][1 + more // 97 % 5]
        as point_of_delivery,
    (more // 500 % 19 * 5)::varchar || '-' || (more // 500 % 19 * 5 + 4) as age_band,
    (1 + more // 10000 % 2)::varchar as sex,
    (1 + more // 20000 % 5)::varchar as patient_classification,
    (11 + more // 100000 % 20)::varchar as admission_method,
    (100 + more // 2000000 % 60)::varchar as treatment_function_code,
    chr((65 + more // 120000000 % 20)::integer) || lpad((draw // 7919 % 1000)::varchar, 3, '0')
        as primary_diagnosis,
    strftime(date '2024-04-01' + to_months((more // 1000 % 24)::integer), '%Y-%m')
        as admission_month,
    strftime(date '2024-04-01' + to_months((more // 1000 % 24)::integer), '%Y-%m')
        as discharge_month,
    (more // 3 % 30)::bigint as length_of_stay_days
from drawn
"""


CELLS = """
create temp table drawn as
select
    'Q' || lpad(board::varchar, 3, '0') as icb_code,
    'S' || lpad(board::varchar, 3, '0') || place as sub_icb_code,
    'R' || lpad(((board + 10 * provider) % 40)::varchar, 2, '0') as provider_code,
    'point_' || point as point_of_delivery,
    '2024-25 Q' || (1 + month // 3) as quarter,
    strftime(date '2024-04-01' + to_months(month::integer), '%Y-%m') as month,
    age * 5 || '-' || (age * 5 + 4) as age_band,
    sex::varchar as sex
from
    range({boards}) as b(board), range(2) as p(place), range(4) as r(provider),
    range(7) as d(point), range(12) as m(month), range(19) as a(age), range(1, 3) as s(sex)
-- two rare kinds of care, of which few records are in any quarter of a provider
where point < 5 or (age = 8 and sex = 1)
"""
TABLE = """
create table restricted.releases.rel_{name} as
with counted as (
    select
        coalesce(icb_code, 'ALL') as icb_code,
        coalesce(sub_icb_code, 'ALL') as sub_icb_code,
        {codes},
        count(*) as n
    from drawn
    group by rollup (icb_code, sub_icb_code), {groups}
),
protected as (
    select
        * exclude (n),
        if(n between 1 and 7, null, (n + 2) // 5 * 5)::bigint as records
    from counted
)
select
    'DSA-' || lpad(recipient::varchar, 3, '0') as agreement_id,
    protected.*,
    records as people,
    if(records is null, null, 0)::bigint as bed_days,
    if(records is null, 'withheld', 'shown') as status
from protected
inner join range({recipients}) as r(recipient)
    on icb_code in ('ALL', 'Q' || lpad((recipient % {boards})::varchar, 3, '0'))
"""


def codes(recipient: str) -> dict[str, list[str]]:
    """The codes of a recipient's board and its places."""
    board = f"{int(recipient[1:]) % BOARDS:03}"
    return {"icb_code": [f"Q{board}"], "sub_icb_code": [f"S{board}0", f"S{board}1"]}


def entitlement(agreement: str, recipient: str, flow: str) -> Iterator[tuple[str, object]]:
    """The items of one invented agreement, in the shape that release/entitlement.py describes."""
    yield (
        "agreement",
        {
            "agreement_id": agreement,
            "recipient_code": recipient,
            "version": "1",
            "purpose": "Commissioning: plan",
            "legal_basis": "invented",
            "information_level": "invented level",
            "starts_on": "2025-04-01",
            "ends_on": "2028-03-31",
            "limits": {},
        },
    )
    yield "assurance", {"kind": "invented"}
    yield "period", {"start": PERIOD[0], "end": PERIOD[1]}
    yield "relationship", {"from_code": recipient, "to_code": recipient}
    scope: dict[str, object] = {"dimension": "commissioner", "national": flow == pack.AGGREGATE}
    if flow == pack.AGGREGATE:
        parts = {"icb_code": [f"Q{at:03}" for at in range(BOARDS)]}
        yield "scope", scope | {"codes": codes(recipient), "national_parts": parts}
    else:
        yield "scope", scope | {"codes": {"responsible_commissioner_code": [recipient]}}
    for table, names in fields(flow).items():
        yield from (("field", {"table": table, "field": name}) for name in names)


def fields(flow: str) -> dict[str, dict[str, str]]:
    """The columns of each table, by type."""
    if flow == pack.RECORD_LEVEL:
        return dict.fromkeys(DATA_SETS, FIELDS)
    return {
        table: dict.fromkeys(tables.dimension_columns(table), "varchar")
        | dict.fromkeys(tables.measure_columns(table), "bigint")
        | {tables.status_column(table): "varchar"}
        for table in tables.AGGREGATE
    }


def make_warehouse(state: State, flow: str, rows: int, recipients: int) -> None:
    """Fill the zones with what a release reads, and with 100,000 numbers to search for."""
    pairs = [(f"DSA-{at:03}", f"Q{at:03}") for at in range(recipients)]
    keyring = Keyring(state.keys)
    names = ["person", "signing", *(f"zone-{zone}" for zone in zones.ZONES)]
    names += [f"agreement-{agreement}-not_applied-v1" for agreement, _ in pairs]
    keyring.ensure([*names, *(f"recipient-{recipient}" for _, recipient in pairs)])
    packs = [
        (recipient, agreement, *PERIOD, "2026-04-30", "2028-03-31")
        for agreement, recipient in pairs
    ]
    items = [
        (agreement, kind, position, json.dumps(item))
        for agreement, recipient in pairs
        for position, (kind, item) in enumerate(entitlement(agreement, recipient, flow), start=1)
    ]
    with duckdb.connect(config={"temp_file_encryption": "true"}) as connection:
        zones.attach(connection, state, keyring)
        connection.execute("create schema restricted.releases")
        _insert(
            connection,
            "restricted.releases.rel_entitlement (agreement_id varchar, kind varchar, "
            "item_order bigint, item json)",
            items,
        )
        _insert(
            connection,
            "given_pack (recipient varchar, agreement varchar, period_start date, period_end date, "
            "data_cut date, retained_until date)",
            packs,
        )
        connection.execute(
            "create table restricted.releases.rel_pack as select recipient as recipient_code, "
            "'Invented body' as recipient_name, agreement as agreement_id, 1 as agreement_version, "
            "? as flow, 'Commissioning: plan' as purpose, 'invented' as legal_basis, "
            "'invented level' as information_level, 'not_applied' as opt_out_regime, "
            "1 as key_version, period_start, period_end, data_cut, true as allowed, "
            "[]::varchar[] as reasons, 'not_applied' as opt_out_status, "
            "null::bigint as opted_out_people, retained_until "
            "from given_pack",
            [flow],
        )
        _insert(
            connection,
            "given_field (table_name varchar, field_name varchar, field_position bigint, "
            "data_type varchar)",
            [
                (table, name, at, kind)
                for table, kinds in fields(flow).items()
                for at, (name, kind) in enumerate(kinds.items())
            ],
        )
        connection.execute(
            "create table restricted.releases.rel_field as select agreement_id, table_name, "
            "field_name, field_position, data_type, 'What it means, in words' as description "
            "from restricted.releases.rel_pack, given_field"
        )
        connection.execute(
            "create table restricted.releases.rel_superseded_pseudonym (agreement_id varchar, "
            "superseded_pseudonym uuid, person_pseudonym uuid, superseded_on date)"
        )
        connection.execute(
            "create table restricted.releases.rel_gate_count (agreement_id varchar, gate varchar, "
            "gate_status varchar, refused_records bigint, refused_people bigint)"
        )
        connection.execute("create schema pseudonymised.seeds")
        connection.execute(
            "create table pseudonymised.seeds.disclosure_rule as select "
            "unnest(['activity', 'activity', 'data_quality']) as data_set, "
            "unnest(['people', 'records', 'records']) as measure, "
            "'rounded' as regime, 1 as suppress_lo, "
            "7 as suppress_hi, 5 as round_to, 2 as required_width, true as zero_is_shown, "
            "date '2018-09-01' as valid_from, null::date as valid_to"
        )
        connection.execute(
            "create table identifiable.main.person as select "
            "(9990000000 + range)::varchar as nhs_number from range(100000)"
        )
        if flow == pack.AGGREGATE:
            _make_cells(connection, recipients)
        else:
            _make_records(connection, rows, recipients)


def _make_records(connection: duckdb.DuckDBPyConnection, rows: int, recipients: int) -> None:
    people = max(1, int(rows / recipients * PEOPLE_PER_ROW))
    for name in DATA_SETS:
        each = rows // len(DATA_SETS)
        connection.execute(
            RECORDS.format(name=name, rows=each, recipients=recipients, people=people)
        )


def _make_cells(connection: duckdb.DuckDBPyConnection, recipients: int) -> None:
    connection.execute(CELLS.format(boards=BOARDS))
    for table in tables.AGGREGATE:
        free = [d for d in tables.disclosure(table)["dimensions"] if d["name"] != "commissioner"]
        names = [level for dimension in free for level in dimension["levels"]]
        groups = [
            f"rollup ({', '.join(d['levels'])})"
            if d.get("root_is_published", True)
            else "quarter" + "".join(f", rollup ({level})" for level in d["levels"][1:])
            for d in free
        ]
        connection.execute(
            TABLE.format(
                name=table.removeprefix("mart_"),
                codes=", ".join(f"coalesce({name}, 'ALL') as {name}" for name in names),
                groups=", ".join(groups),
                boards=BOARDS,
                recipients=recipients,
            )
        )


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple]) -> None:
    connection.execute(f"create table {table}")
    marks = ", ".join("?" * len(rows[0]))
    connection.execute("begin transaction")
    name = table.split()[0]
    connection.executemany(f"insert into {name} values ({marks})", rows)  # noqa: S608 (constants)
    connection.execute("commit")


@contextmanager
def lap(times: dict[str, tuple[float, float]], name: str) -> Iterator[None]:
    """Note what a step took: (clock, processor) seconds."""
    clock, processor = time.perf_counter(), time.process_time()
    yield
    times[name] = time.perf_counter() - clock, time.process_time() - processor


def release(state: State, audit: bool = True) -> dict[str, tuple[float, float]]:
    """Prepare and check every pack, publish none; what each step took."""
    times: dict[str, tuple[float, float]] = {}

    def scan(*given: object) -> list[str]:
        with lap(times, "searched"):
            return scan_for_identifiers(*given)

    def audit_all(folders: Sequence[Path]) -> list[str]:
        with lap(times, "audited"):
            return audit_disclosure(folders) if audit else []

    def check(*given: object) -> None:
        with lap(times, "checked"):
            CHECK(*given)

    checks = Checks(gate=lambda state, connection: None, audit=audit_all, scan=scan)
    with (
        mock.patch.object(cut, "_check", check),
        mock.patch.object(cut, "current_build_id", lambda state: "0" * 32),
        lap(times, "all"),
    ):
        cut.release(state, dry_run=True, checks=checks)
    return {
        "packs written": _minus(times["all"], times["checked"]),
        "packs proved": _minus(_minus(times["checked"], times["searched"]), times["audited"]),
        "packs audited": times["audited"],
        "packs searched": times["searched"],
    }


CHECK = cut._check


def _minus(whole: tuple[float, float], part: tuple[float, float]) -> tuple[float, float]:
    return whole[0] - part[0], whole[1] - part[1]


def partitioned_parquet(
    state: State, folder: Path, compression: str
) -> dict[str, tuple[float, float]]:
    """Write the rows as Parquet, one file per recipient and data set, and remove them again."""
    times: dict[str, tuple[float, float]] = {}
    folder.mkdir()
    with (
        zones.open_read_only(state) as connection,
        lap(times, f"Parquet, {compression}"),
    ):
        connection.execute("set partitioned_write_max_open_files = 1000")
        for name in DATA_SETS:
            connection.execute(
                f"copy (select agreement_id, {', '.join(FIELDS)} "  # noqa: S608 (constants)
                f"from {tables.content_relation(name)}) to {zones.quoted(str(folder / name))} "
                f"(format parquet, compression {compression}, partition_by (agreement_id))"
            )
    shutil.rmtree(folder)
    return times


def median(rounds: Sequence[dict[str, tuple[float, float]]]) -> dict[str, list[float]]:
    """Median of each step, clock and processor; printed."""
    found = {
        name: [statistics.median(times[name][at] for times in rounds) for at in (0, 1)]
        for name in rounds[0]
    }
    for name, (clock, processor) in found.items():
        print(f"{name:16} {clock:7.1f} s  {processor:7.1f} s of processor")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory      {peak:7,.0f} MB")
    return found


def records(state: State, rounds: int) -> str | None:
    """Packs and Parquet files in turns; what is above a limit."""
    made = []
    for _ in range(rounds):
        times = release(state)
        for compression in COMPRESSIONS:
            times |= partitioned_parquet(state, state.var / "parquet", compression)
        made.append(times)
    found = median(made)
    ratios = {}
    for compression in COMPRESSIONS:
        clock, processor = (
            found["packs written"][at] / found[f"Parquet, {compression}"][at] for at in (0, 1)
        )
        ratios[compression] = clock
        print(f"packs to Parquet, {compression}: {clock:.2f}, of processor {processor:.2f}")
    if found["packs written"][0] > MOST_SECONDS or ratios["snappy"] > MOST_RATIO:
        return f"Above {MOST_SECONDS:.0f} s or {MOST_RATIO:.0f} times the Parquet files."
    return None


def aggregates(state: State, rounds: int, audit: bool) -> str | None:
    """Packs alone; what is above a limit."""
    found = median([release(state, audit=audit) for _ in range(rounds)])
    if found["packs written"][0] > MOST_SECONDS_AGGREGATE:
        return f"Above {MOST_SECONDS_AGGREGATE:.0f} s."
    return None


def main() -> None:
    """Make the warehouse, take turns, print, and fail where a limit is passed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("records", "aggregates"))
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--recipients", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--audit", action="store_true", help="audit aggregate packs too: long")
    given = parser.parse_args()
    of_records = given.what == "records"
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.object(tables, "RECORD_LEVEL", dict.fromkeys(DATA_SETS, SHAPE)),
    ):
        state = State(Path(folder), target="operator")
        state.make_folders()
        flow = pack.RECORD_LEVEL if of_records else pack.AGGREGATE
        make_warehouse(state, flow, given.rows, given.recipients)
        if of_records:
            sys.exit(records(state, given.rounds))
        sys.exit(aggregates(state, given.rounds, given.audit))


if __name__ == "__main__":
    main()
