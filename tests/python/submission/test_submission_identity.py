"""A person key is minted once; what happens to a key of one record when its person is found."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
from conftest import World
from haven import FEED, Haven

AN_HOUR_LATER = {"extract_at": "2025-01-15 01:00:00"}
KEYS = "select identity_value, person_key::varchar from identifiable.identity.idn_person_key"
LINKS = """
    select from_person_key::varchar, to_person_key::varchar
    from identifiable.identity.idn_person_key_link
    where reason = 'traced_later'
"""


def test_a_record_that_is_traced_later_leaves_its_key_with_a_link(world: World) -> None:
    """Sent without number and address, then whole again: its first key leads to the person."""
    haven = world.haven
    number_and_birth_date = pc.and_(
        pc.not_equal(world.outpatients.column("nhs_number"), ""),
        pc.not_equal(world.outpatients.column("date_of_birth"), ""),
    )
    record = world.outpatients.filter(number_and_birth_date).slice(0, 1)
    own_key, is_established = _person(haven, record)
    assert is_established and _rows(haven, LINKS) == {}

    nobody = _without(record, "nhs_number", "postcode", "local_patient_id")
    haven.send(FEED, nobody, "nobody")
    haven.rebuild("idn_person_key_link")
    key_of_the_record, is_established = _person(haven, record)
    assert key_of_the_record != own_key and not is_established
    minted = _rows(haven, KEYS)

    haven.send(FEED, record, "found", **AN_HOUR_LATER)
    haven.rebuild("idn_person_key_link")
    assert _person(haven, record) == (own_key, True)
    assert _rows(haven, LINKS) == {key_of_the_record: own_key}
    assert _rows(haven, KEYS) == minted


def _without(rows: pa.Table, *names: str) -> pa.Table:
    """The rows with nothing in these columns."""
    for name in names:
        empty = pa.array([""] * rows.num_rows, pa.string())
        rows = rows.set_column(rows.schema.get_field_index(name), name, empty)
    return rows


def _person(haven: Haven, record: pa.Table) -> tuple[str, bool]:
    """Person key of a record in the last build, and whether it is of a person that is known."""
    record_id = record.column("cds_unique_identifier")[0].as_py()
    with haven.warehouse() as connection:
        row = connection.execute(
            "select record.person_key::varchar, record.is_person_established "
            "from identifiable.identity.idn_record as record "
            f"inner join identifiable.staging.stg_{FEED} as staged "
            "using (submission_id, source_row) where staged.cds_unique_identifier = ?",
            [record_id],
        ).fetchone()
    assert row is not None
    return row


def _rows(haven: Haven, query: str) -> dict[str, str]:
    """Rows of two columns."""
    with haven.warehouse() as connection:
        return dict(connection.execute(query).fetchall())
