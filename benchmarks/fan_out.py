"""Cut record-level packs for 200 recipients of 10 data sets, and write the same rows as Parquet.

    .venv/bin/python benchmarks/fan_out.py [--rows 5000000] [--recipients 200] [--rounds 3]

Prints medians of interleaved rounds, in seconds of the clock and of the processor. "Written" is
from the warehouse to signed packs of encrypted DuckDB files; "proved" and "searched" are what
stands between them and their recipients. What is compared is one partitioned Parquet write of the
same rows, as ten COPY statements: a file per recipient and data set, compressed as in aggregate
packs, in the clear and in no order. Fails where the packs take more than 90 seconds to write, or
more than three times as long as the Parquet files.
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
from safe_haven.release import cut, tables
from safe_haven.release.audits import Checks, scan_for_identifiers

MOST_SECONDS, MOST_RATIO = 90.0, 3.0
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


def entitlement(agreement: str, recipient: str) -> Iterator[tuple[str, object]]:
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
    codes = {"responsible_commissioner_code": [recipient]}
    yield "scope", {"dimension": "commissioner", "codes": codes, "national": False}
    for table in DATA_SETS:
        yield from (("field", {"table": table, "field": name}) for name in FIELDS)


def make_warehouse(state: State, rows: int, recipients: int) -> None:
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
        for position, (kind, item) in enumerate(entitlement(agreement, recipient), start=1)
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
            "'record_level' as flow, 'Commissioning: plan' as purpose, 'invented' as legal_basis, "
            "'invented level' as information_level, 'not_applied' as opt_out_regime, "
            "1 as key_version, period_start, period_end, data_cut, true as allowed, "
            "[]::varchar[] as reasons, 'not_applied' as opt_out_status, "
            "null::bigint as opted_out_people, retained_until "
            "from given_pack"
        )
        _insert(
            connection,
            "given_field (field_name varchar, field_position bigint, data_type varchar)",
            [(name, at, kind) for at, (name, kind) in enumerate(FIELDS.items())],
        )
        connection.execute(
            "create table restricted.releases.rel_field as select agreement_id, table_name, "
            "field_name, field_position, data_type, 'What it means, in words' as description "
            "from restricted.releases.rel_pack, given_field, (select unnest(?) as table_name)",
            [DATA_SETS],
        )
        connection.execute(
            "create table restricted.releases.rel_superseded_pseudonym (agreement_id varchar, "
            "superseded_pseudonym uuid, person_pseudonym uuid, superseded_on date)"
        )
        connection.execute("create schema pseudonymised.seeds")
        connection.execute(
            "create table pseudonymised.seeds.disclosure_rule as select 'activity' as data_set, "
            "unnest(['people', 'records']) as measure, 'rounded' as regime, 1 as suppress_lo, "
            "7 as suppress_hi, 5 as round_to, 2 as required_width, true as zero_is_shown, "
            "date '2018-09-01' as valid_from, null::date as valid_to"
        )
        connection.execute(
            "create table identifiable.main.person as select "
            "(9990000000 + range)::varchar as nhs_number from range(100000)"
        )
        each = rows // len(DATA_SETS)
        people = max(1, int(rows / recipients * PEOPLE_PER_ROW))
        for name in DATA_SETS:
            connection.execute(
                RECORDS.format(name=name, rows=each, recipients=recipients, people=people)
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


def release(state: State) -> dict[str, tuple[float, float]]:
    """Prepare and check every pack, publish none; what each step took."""
    times: dict[str, tuple[float, float]] = {}

    def scan(*given: object) -> list[str]:
        with lap(times, "searched"):
            return scan_for_identifiers(*given)

    def check(*given: object) -> None:
        with lap(times, "checked"):
            CHECK(*given)

    checks = Checks(gate=lambda state, connection: None, scan=scan)
    with (
        mock.patch.object(cut, "_check", check),
        mock.patch.object(cut, "current_build_id", lambda state: "0" * 32),
        lap(times, "all"),
    ):
        cut.release(state, dry_run=True, checks=checks)
    everything, checked, searched = (times.pop(name) for name in ("all", "checked", "searched"))
    times["packs written"] = _minus(everything, checked)
    times["packs proved"] = _minus(checked, searched)
    times["packs searched"] = searched
    return times


CHECK = cut._check


def _minus(whole: tuple[float, float], part: tuple[float, float]) -> tuple[float, float]:
    return whole[0] - part[0], whole[1] - part[1]


def partitioned_parquet(state: State, folder: Path) -> dict[str, tuple[float, float]]:
    """Write the rows as Parquet, one file per recipient and data set, and remove them again."""
    times: dict[str, tuple[float, float]] = {}
    folder.mkdir()
    with zones.open_read_only(state) as connection, lap(times, "Parquet written"):
        connection.execute("set partitioned_write_max_open_files = 1000")
        for name in DATA_SETS:
            connection.execute(
                f"copy (select agreement_id, {', '.join(FIELDS)} "  # noqa: S608 (constants)
                f"from {tables.content_relation(name)}) to {zones.quoted(str(folder / name))} "
                "(format parquet, compression zstd, partition_by (agreement_id))"
            )
    shutil.rmtree(folder)
    return times


def main() -> None:
    """Make the warehouse, take turns, print, and fail where a limit is passed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--recipients", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.object(tables, "RECORD_LEVEL", dict.fromkeys(DATA_SETS, SHAPE)),
    ):
        state = State(Path(folder), target="operator")
        state.make_folders()
        make_warehouse(state, given.rows, given.recipients)
        rounds = []
        for _ in range(given.rounds):
            rounds.append(partitioned_parquet(state, state.var / "parquet") | release(state))
    median = {
        name: [statistics.median(times[name][at] for times in rounds) for at in (0, 1)]
        for name in rounds[0]
    }
    print(f"{given.rows:,} rows, {given.recipients} recipients, {len(DATA_SETS)} data sets")
    for name, (clock, processor) in median.items():
        print(f"{name:16} {clock:7.1f} s  {processor:7.1f} s of processor")
    ratios = [median["packs written"][at] / median["Parquet written"][at] for at in (0, 1)]
    print(f"packs to Parquet {ratios[0]:7.2f}    {ratios[1]:7.2f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:,.0f} MB")
    if median["packs written"][0] > MOST_SECONDS or ratios[0] > MOST_RATIO:
        sys.exit(f"Above {MOST_SECONDS:.0f} s or {MOST_RATIO:.0f} times the Parquet files.")


if __name__ == "__main__":
    main()
