"""Re-identification: who stands behind pseudonyms, for one approved request at a time.

The rules are those of risk stratification (https://www.england.nhs.uk/ourwork/tsd/ig/
risk-stratification/): only who cares for the patient learns who it is, under approval CAG 7-04(a).
Each use is in the audit log, as counts, before the file of names is there to be read.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from safe_haven import audit_log
from safe_haven.audit_log import Event
from safe_haven.errors import SafeHavenError
from safe_haven.keyring import Keyring
from safe_haven.paths import State
from safe_haven.release import controlled, events, lifecycle, signing
from safe_haven.release.render import Field, Table
from safe_haven.zones import open_read_only, writer_lock

REIDENTIFIED = "reidentified"
FIELDS = (Field("person_pseudonym", "string", ""), Field("nhs_number", "string", ""))
ALLOWED_PURPOSE = "direct_care"
ALLOWED_AGREEMENT = "Risk stratification"
PSEUDONYM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Grounds:
    """What a request rests on: itself, its agreement and the roles' training, as last built.

    `asked_before` is how many people earlier uses of the request asked about.
    """

    request: Row
    agreement: Row | None
    staff: tuple[Row, ...]
    is_destroyed: bool = False
    asked_before: int = 0

    def trained(self, role: str | None, day: datetime.date) -> Row | None:
        """The role's row of training that is valid on `day`, if there is one."""
        return next(
            (
                row
                for row in self.staff
                if row["staff_role"] == role
                and row["training_valid_from"] <= day <= row["training_valid_to"]
            ),
            None,
        )


@dataclass(frozen=True)
class Use:
    """What came of one use: counts, and where the names are."""

    given: int
    resolved: int
    path: Path


def refusals(grounds: Grounds, people: int, today: datetime.date) -> Iterator[str]:
    """Every reason against naming `people` people today."""
    request, agreement = grounds.request, grounds.agreement
    if agreement is None or agreement["flow"] != "record_level":
        yield "agreement_has_no_pseudonyms"
    elif not agreement["is_allowed"] or agreement["ends_on"] < today:
        yield "agreement_not_in_force"
    if agreement is None or agreement["purpose"] != ALLOWED_AGREEMENT:
        yield "agreement_allows_no_reidentification"
    if grounds.is_destroyed:
        yield "agreement_destroyed"
    if request["purpose"] != ALLOWED_PURPOSE:
        yield "purpose_not_direct_care"
    yield from _date_refusals(request, today)
    if request["approver_role"] == request["requester_role"]:
        yield "approver_is_requester"
    for part in ("requester", "approver"):
        role = request[f"{part}_role"]
        if role not in {row["staff_role"] for row in grounds.staff}:
            yield f"{part}_not_on_the_staff_list"
        elif grounds.trained(role, today) is None:
            yield f"{part}_training_not_valid"
        elif agreement and grounds.trained(role, today)["employer_code"] != agreement["recipient"]:
            yield f"{part}_not_employed_by_the_recipient"
    approver = grounds.trained(request["approver_role"], today)
    if approver is not None and not approver["may_approve"]:
        yield "approver_may_not_approve"
    if request["person_limit"] is None or grounds.asked_before + people > request["person_limit"]:
        yield "more_people_than_approved"


def _date_refusals(request: Row, today: datetime.date) -> Iterator[str]:
    asked, approved, ends = (request[n] for n in ("requested_on", "approved_on", "expires_on"))
    if asked is None or asked > today:
        yield "request_not_dated"
    if approved is None or approved > today or (asked is not None and approved < asked):
        yield "not_approved"
    if ends is None or ends < today:
        yield "request_expired"


def reidentify(state: State, request_id: str, pseudonyms: Path) -> Use:
    """Name the people behind the pseudonyms in a file, if the request allows it.

    The names are a table in an encrypted file below `var/controlled`, and nowhere else. Errors:
    SafeHavenError with every reason when the request is refused, which is logged too.
    """
    asked = read_pseudonyms(pseudonyms)
    with writer_lock(state), open_read_only(state) as connection:
        lifecycle.recover(state)
        grounds = read_grounds(state, connection, request_id)
        found = list(refusals(grounds, len(asked), audit_log.now().date()))
        about = {"request": request_id, "agreement": grounds.request["agreement_id"]}
        if found:
            told = about | {"people_asked": len(asked), "reasons": found}
            events.record(state, [(events.REIDENTIFICATION_REFUSED, told)])
            raise SafeHavenError(f"Request {request_id} is refused: {', '.join(found)}.")
        people = _resolve(connection, grounds.request["agreement_id"], asked)
        return _give(state, about, len(asked), people)


def read_pseudonyms(path: Path) -> list[str]:
    """The pseudonyms of a file, one a line, each once. No value is shown where one is wrong."""
    found: set[str] = set()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        value = line.strip().lower()
        if not value or (number == 1 and value == "person_pseudonym"):
            continue
        if not PSEUDONYM.fullmatch(value):
            raise SafeHavenError(f"Line {number} of {path.name} is not a pseudonym.")
        found.add(value)
    if not found:
        raise SafeHavenError(f"{path.name} has no pseudonym: write one a line.")
    return sorted(found)


def read_grounds(state: State, connection: duckdb.DuckDBPyConnection, request_id: str) -> Grounds:
    """What the last build has of the request.

    Errors: SafeHavenError when it has no such request.
    """
    requests = controlled.rows_of(
        connection,
        "from pseudonymised.seeds.reidentification_request where request_id = ?",
        request_id,
    )
    if len(requests) != 1:
        raise SafeHavenError(
            f"There is no request {request_id}. Requests stand in "
            "seeds/agreements/reidentification_request.csv; run ./run build after adding one."
        )
    agreements = controlled.rows_of(
        connection,
        "select flow, purpose, is_allowed, ends_on, recipient_code as recipient "
        "from pseudonymised.governance.gov_agreement where agreement_id = ?",
        requests[0]["agreement_id"],
    )
    agreement = agreements[0] if len(agreements) == 1 else None
    keyring = Keyring(state.keys)
    known = lifecycle.known_register(state, signing.publish_public_key(state, keyring))
    return Grounds(
        requests[0],
        agreement,
        tuple(controlled.rows_of(connection, "from pseudonymised.seeds.staff_access")),
        agreement is not None
        and known.is_destroyed(agreement["recipient"], requests[0]["agreement_id"]),
        sum(event.detail["people_asked"] for event in uses(events.record(state), request_id)),
    )


def uses(log: Sequence[Event], request_id: str) -> list[Event]:
    """The uses of a request so far."""
    return [e for e in log if e.event == events.REIDENTIFIED and e.detail["request"] == request_id]


def _resolve(connection: duckdb.DuckDBPyConnection, agreement: str, asked: list[str]) -> pa.Table:
    """Pseudonym and NHS number of those that this agreement holds and whose number is known."""
    return connection.execute(
        "select pseudonym.person_pseudonym::varchar as person_pseudonym, person.nhs_number "
        "from restricted.releases.rel_person_pseudonym as pseudonym "
        "inner join identifiable.identity.idn_person as person using (person_key) "
        "where pseudonym.agreement_id = ? and pseudonym.person_pseudonym::varchar in "
        "(select unnest(?::varchar[])) order by all",
        [agreement, asked],
    ).to_arrow_table()


def _give(state: State, about: Mapping[str, str], asked: int, people: pa.Table) -> Use:
    """Write the names where they are looked for, once the log is told; each use has its file."""
    counts = {"people_asked": asked, "people_named": people.num_rows}

    def place(log: Sequence[Event]) -> Path:
        request = about["request"]
        number = len(uses(log, request))
        return Path(REIDENTIFIED) / about["agreement"] / f"{request}-{number}.duckdb"

    content = [Table("person", FIELDS, people)]
    path = controlled.give(state, content, (events.REIDENTIFIED, dict(about) | counts), place)
    return Use(asked, people.num_rows, path)
