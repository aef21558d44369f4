"""`collect --report`: what the build found row by row goes back to whoever sent the file.

The warehouse here is made by hand; the same from a real build is in acceptance/test_built_world.
"""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import pytest
from click.testing import Result
from mesh_client import MeshClient, MeshError
from mesh_post import OTHER_SENDER, OUTPATIENTS, SENDER, Post, file_of

from safe_haven import zones
from safe_haven.keyring import Keyring
from safe_haven.load.landing import read_submissions
from safe_haven.paths import State

Collect = Callable[..., Result]
TABLES = ("stg_submission", "stg_error_report")


def build(state: State, errors: dict[str, int], build_ids: tuple[str, str] = ("b1", "b1")) -> None:
    """A warehouse with every landed submission and so many broken rules of each sender."""
    keyring = Keyring(state.keys)
    keyring.ensure(["zone-identifiable"])
    with duckdb.connect() as connection:
        zones.attach(connection, state, keyring, ("identifiable",))
        connection.execute("use identifiable; create schema if not exists staging")
        connection.execute("create schema if not exists meta")
        connection.execute(
            "create or replace table meta.build_register as "
            "select unnest($names) as relation, unnest($ids) as build_id",
            {"names": [f"staging.{name}" for name in TABLES], "ids": list(build_ids)},
        )
        submissions = {s.submission_id: s.sender_organisation_code for s in read_submissions(state)}
        connection.execute(
            "create or replace table staging.stg_submission as "
            "select unnest($ids::varchar[]) as submission_id",
            {"ids": list(submissions)},
        )
        connection.execute(
            "create or replace table staging.stg_error_report (submission_id varchar, "
            "source_row bigint, column_name varchar, rule varchar, severity varchar, "
            "what_to_do varchar)"
        )
        for submission_id, sender in submissions.items():
            for row in reversed(range(errors.get(sender, 0))):
                connection.execute(
                    "insert into staging.stg_error_report values (?, ?, 'sex', 'code_list', "
                    "'reject', 'Use a code of the list.')",
                    [submission_id, row + 2],
                )


@pytest.fixture
def sent(mailbox: State, post: Post, collect: Collect) -> dict[str, str]:
    """Two files of two senders, collected; message by sender."""
    messages = {
        sender: post.send(file_of("outpatient_appointment", start=number), OUTPATIENTS, sender)
        for number, sender in enumerate((SENDER, OTHER_SENDER))
    }
    assert collect().exit_code == 0
    return messages


def test_each_sender_gets_the_errors_of_its_own_file(
    mailbox: State, post: Post, collect: Collect, sent: dict[str, str]
) -> None:
    """Once, in order of row; a file without errors gets a report without rows."""
    build(mailbox, {"RXX": 12})
    assert "reported: 2;" in collect("--report").output
    assert "reported: 0;" in collect("--report").output
    assert len(post.waiting(SENDER)) == len(post.waiting(OTHER_SENDER)) == 1
    rows = post.reports(SENDER)
    assert [row["source_row"] for row in rows] == [str(row) for row in range(2, 14)]
    assert {row["delivery_id"] for row in rows} == {sent[SENDER]}
    assert {(row["rule"], row["severity"]) for row in rows} == {("code_list", "reject")}
    assert post.reports(OTHER_SENDER) == []


def test_a_submission_that_is_not_built_waits(
    mailbox: State, post: Post, collect: Collect, sent: dict[str, str]
) -> None:
    """Neither before any build nor after one that broke off between the two tables."""
    assert "`./run build` makes the target operator" in collect("--report").output
    build(mailbox, {"RXX": 1}, build_ids=("b2", "b1"))
    assert "reported: 0;" in collect("--report").output
    assert post.waiting(SENDER) == []
    build(mailbox, {"RXX": 1}, build_ids=("b2", "b2"))
    assert "reported: 2;" in collect("--report").output


def test_a_report_that_could_not_be_sent_is_sent_by_the_next_run(
    mailbox: State,
    post: Post,
    collect: Collect,
    sent: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Unless the service says that nobody takes it, now or later."""
    build(mailbox, {"RXX": 1})
    send = MeshClient.send_message

    def lost(client: MeshClient, recipient: str, *rest: object, **options: object) -> str:
        if recipient == SENDER:
            raise OSError("the line is down")
        raise MeshError("Unregistered to address")

    monkeypatch.setattr(MeshClient, "send_message", lost)
    output = collect("--report").output
    assert f"left      {sent[SENDER]}  OSError" in output
    assert f"(its report could not be delivered to {OTHER_SENDER})" in output
    monkeypatch.setattr(MeshClient, "send_message", send)
    assert "reported: 1;" in collect("--report").output
    assert len(post.reports(SENDER)) == 1
    assert post.reports(OTHER_SENDER) == []
