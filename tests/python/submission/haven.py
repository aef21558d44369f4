"""A small haven of its own: send files to it, build it, and see what the core then holds."""

from __future__ import annotations

import json
import os
import random
import select
import signal
import subprocess
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
from rebuild import Models, read_compiled, rebuild

from safe_haven.load.contract import contracts
from safe_haven.load.landing import (
    Submission,
    file_sha256,
    landing_path,
    landing_schema,
    read_submissions,
    register_submission,
    write_parquet,
)
from safe_haven.paths import PROJECT_ROOT, State
from safe_haven.run.steps import copy_parsed
from safe_haven.zones import open_read_only

DRIVER = Path(__file__).with_name("dbt_driver.py")
FEED = "outpatient_appointment"
PROTOCOL_FEEDS = tuple(name for name, feed in contracts().items() if feed.submission_protocol)
MONTH = ("2024-05-01", "2024-05-31")
"""A month of the world that has no planted fault: an early extract, a full file, corrections."""
LAST_MONTH = ("2024-07-01", "2024-07-31")
"""The month in whose file some stays have not ended."""
AFTER_ALL = "2025-01-15"
"""Later than every extract of the world."""
NO_TESTS = ("--exclude", "resource_type:test", "resource_type:unit_test")
DEADLINE = 300.0
"""Seconds that one run of dbt may take: a run that hangs fails, and says what it said last."""

Core = dict[str, tuple[int, str]]
"""Rows and content hash by table."""
Rule = tuple[str, str, str]
"""A file of macros, a rule in it, and what stands in its place."""


class Haven:
    """A state with a simulated world in its landing folder, and a dbt process to build it."""

    def __init__(self, state: State) -> None:
        """Start dbt on the target `operator`; it parses the project once."""
        self.state = state
        self.models: Models = {}
        self.log = state.var / "dbt_driver.log"
        copy_parsed(State.from_environment("operator"), state.var / "target")
        environment = {
            **os.environ,
            "SAFE_HAVEN_VAR": str(state.var),
            "DBT_TARGET_PATH": str(state.var / "target"),
            "DBT_LOG_PATH": str(state.var / "logs"),
            "DBT_PROFILES_DIR": str(PROJECT_ROOT),
        }
        with self.log.open("w") as log:
            self.driver = subprocess.Popen(
                [sys.executable, str(DRIVER)],
                cwd=PROJECT_ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )

    def close(self) -> None:
        """End the dbt process and its runs."""
        assert self.driver.stdin is not None
        with suppress(BrokenPipeError):
            self.driver.stdin.close()
        self._kill()

    def dbt(self, *arguments: str, broken: Sequence[Rule] = (), deadline: float = DEADLINE) -> None:
        """Run dbt, with some rules broken; what it said last is shown when it fails or hangs."""
        assert self.driver.stdin is not None and self.driver.stdout is not None
        request = {"arguments": [*arguments, "--target", "operator"], "broken": broken}
        self.driver.stdin.write(json.dumps(request) + "\n")
        self.driver.stdin.flush()
        ready, _, _ = select.select([self.driver.stdout], [], [], deadline)
        if ready:
            answer = self.driver.stdout.readline()
        else:
            answer = f"nothing in {deadline} seconds"
            self._kill()
        assert answer == "0\n", f"dbt answered {answer!r}:\n{self.log.read_text()[-3000:]}"

    def _kill(self) -> None:
        """End the process and its forks, a run that hangs too."""
        with suppress(ProcessLookupError):
            os.killpg(self.driver.pid, signal.SIGKILL)
        self.driver.wait()

    def build_by_dbt(self) -> Core:
        """Build up to the hand-over and the core; from then on `build` does without dbt."""
        wanted = ("+path:models/core", "+path:models/handover", "+stg_submission_count")
        self.dbt("build", "--select", *wanted, *NO_TESTS)
        self.models = read_compiled(self.state.var / "target")
        # which now finds a table to add to
        self.models |= self.compile("idn_person_key")
        return self.core()

    def compile(
        self, *selected: str, broken: Sequence[Rule] = (), known_at: str | None = None
    ) -> Models:
        """The SQL of some models, with some rules broken or as known on a day."""
        variables = ["--vars", f"{{known_at: '{known_at}'}}"] if known_at else []
        with TemporaryDirectory() as target:
            folder = ["--target-path", target]
            self.dbt(
                "compile", "--select", *selected, *NO_TESTS, *folder, *variables, broken=broken
            )
            return read_compiled(Path(target))

    def rebuild(self, *wanted: str, changed: Models | None = None) -> None:
        """Build some models and all that they read, from what is landed now."""
        rebuild(self.state, self.models | (changed or {}), wanted)

    def build(self, known_at: str | None = None) -> Core:
        """Build up to the core; rows and content hash of each core and hand-over table of records.

        No row may be unexplained, whatever was sent.
        """
        core = [path.stem for path in PROJECT_ROOT.glob("models/core/**/*.sql")]
        handed_over = [f"hnd_{feed}" for feed in PROTOCOL_FEEDS]
        changed = self.compile(*self._cut_by_day(), known_at=known_at) if known_at else {}
        self.rebuild(*core, *handed_over, "stg_submission_count", changed=changed)
        return self.core()

    def _cut_by_day(self) -> list[str]:
        """The models in whose SQL the variable `known_at` stands, as yet with its default."""
        found = [name for name, sql in self.models.items() if "date '9999-12-31'" in sql]
        assert "stg_submission" in found
        return found

    def core(self) -> Core:
        """Rows and content hash of each core and hand-over table, once every row is explained."""
        with self.warehouse() as connection:
            assert connection.execute(
                "select count(*) from identifiable.staging.stg_submission_count "
                "where unexplained <> 0 or unexplained is null"
            ).fetchone() == (0,)
            relations = connection.execute(
                "select schema_name || '.' || table_name from duckdb_tables() "
                "where database_name = 'pseudonymised' "
                "and (schema_name = 'core' or table_name in (select 'hnd_' || unnest($feeds)))",
                {"feeds": list(PROTOCOL_FEEDS)},
            ).fetchall()
            return {
                relation: connection.execute(
                    "select count(*), coalesce(sum(hash(whole_row)::hugeint), 0)::varchar "
                    f"from pseudonymised.{relation} as whole_row"
                ).fetchone()
                for (relation,) in relations
            }

    @contextmanager
    def warehouse(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The zone files, read-only."""
        with open_read_only(self.state) as connection:
            yield connection

    def by_day(self) -> dict[str, int]:
        """Outpatient records in the core by day of MONTH."""
        with self.warehouse() as connection:
            rows = connection.execute(
                "select appointment_date::varchar, count(*) from "
                "pseudonymised.core.fct_outpatient_appointment "
                "where appointment_date between ? and ? group by all",
                MONTH,
            ).fetchall()
        return dict(rows)

    def landed(self, feed: str, submission_id: str) -> pa.Table:
        """The rows of a submission, in their order."""
        path = landing_path(self.state, feed, submission_id)
        with duckdb.connect() as connection:
            return (
                connection.read_parquet(str(path))
                .order("source_row")
                .to_arrow_table()
                .cast(landing_schema(feed))
            )

    def standing(self, feed: str, first_day: str, last_day: str, day: str) -> pa.Table:
        """What stands between two days in the last build, as it was landed: a sender's extract."""
        with self.warehouse() as connection:
            keys = connection.execute(
                f"select submission_id, source_row from identifiable.staging.stg_{feed} "
                f"where {day} between ? and ?",
                [first_day, last_day],
            ).to_arrow_table()
        with duckdb.connect() as connection:
            connection.register("keys", keys)
            files = str(self.state.landing / feed / "*.parquet")
            return (
                connection.sql(
                    "select landed.* from read_parquet($files, union_by_name = true) as landed "
                    "inner join keys using (submission_id, source_row)",
                    params={"files": files},
                )
                .to_arrow_table()
                .cast(landing_schema(feed))
            )

    def send(self, feed: str, rows: pa.Table, label: str, **envelope: str) -> str:
        """Land rows as a new submission; `envelope` replaces the facts of a plain net file."""
        submission_id = f"sent-{label}"
        schema = landing_schema(feed)
        columns = [rows.column(name) for name in schema.names[:-2]]
        columns += [
            pa.array([submission_id] * rows.num_rows, pa.string()),
            pa.array(range(2, rows.num_rows + 2), pa.int64()),
        ]
        path = landing_path(self.state, feed, submission_id)
        write_parquet(pa.table(columns, schema=schema), path)
        facts = {
            "layout": "sent",
            "sender_organisation_code": contracts()[feed].senders[0],
            "file_name": f"{label}.csv",
            "received_on": AFTER_ALL,
            "extract_at": f"{AFTER_ALL} 00:00:00",
        }
        register_submission(
            self.state,
            Submission(
                submission_id=submission_id,
                feed=feed,
                file_sha256=file_sha256(path),
                landed_sha256=file_sha256(path),
                rows_received=str(rows.num_rows),
                **(facts | envelope),
            ),
        )
        return submission_id

    def send_again(self, feeds: Collection[str], times: int, draw: random.Random) -> None:
        """Every file of some feeds again under other ids, its rows in any order.

        An id is before or after that of the file: of equal files the last counts. `source_row`
        stays with its row: it is the order in which the sender wrote it.
        """
        for envelope in read_submissions(self.state):
            if envelope.feed in feeds:
                rows = self.landed(envelope.feed, envelope.submission_id)
                for _ in range(times):
                    self._send_copy(envelope, rows, draw)

    def _send_copy(self, envelope: Submission, rows: pa.Table, draw: random.Random) -> None:
        submission_id = f"{draw.choice('az')}-sent-{draw.random()}"
        order = list(range(rows.num_rows))
        draw.shuffle(order)
        path = landing_path(self.state, envelope.feed, submission_id)
        copy = with_value(rows.take(pa.array(order, pa.int64())), "submission_id", submission_id)
        write_parquet(copy, path)
        facts = envelope.__dict__ | {
            "submission_id": submission_id,
            "landed_sha256": file_sha256(path),
        }
        register_submission(self.state, Submission(**facts))

    def envelope(self, submission_id: str) -> Submission:
        """The envelope of a submission."""
        return next(s for s in read_submissions(self.state) if s.submission_id == submission_id)

    @contextmanager
    def set_aside(self, submissions: list[Submission]) -> Iterator[None]:
        """The landing folder as if these submissions had not come."""
        moved = [
            landing_path(self.state, feed, submission.submission_id)
            for submission in submissions
            for feed in ("submission", submission.feed)
        ]
        try:
            for path in moved:
                path.rename(path.with_suffix(".aside"))
            yield
        finally:
            for path in moved:
                path.with_suffix(".aside").rename(path)

    def take_back(self) -> None:
        """Remove what `send` landed, so that the next test starts from the world."""
        for path in self.state.landing.glob("*/*sent-*.parquet"):
            path.unlink()


def with_value(rows: pa.Table, column: str, value: str) -> pa.Table:
    """The rows with one value in a column."""
    values = pa.array([value] * rows.num_rows, pa.string())
    return rows.set_column(rows.schema.get_field_index(column), column, values)


def bulk(first_day: str, last_day: str, group: str = "060") -> dict[str, str]:
    """The facts of a bulk file, by default of FEED."""
    return {
        "protocol": "bulk",
        "bulk_replacement_group": group,
        "period_start": first_day,
        "period_end": last_day,
    }
