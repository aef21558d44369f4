"""The keyed function: known answers, and no silent fall back to an unkeyed hash."""

from __future__ import annotations

import hashlib
import hmac
import uuid

import duckdb
import pytest

from safe_haven import pseudonymise
from safe_haven.errors import KeyringError

# RFC 4231, test cases 1, 2, 6 (a key longer than the block).
RFC_4231 = [
    (
        b"\x0b" * 20,
        b"Hi There",
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    ),
    (
        b"Jefe",
        b"what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
    (
        b"\xaa" * 131,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ),
]


@pytest.mark.parametrize(("key", "message", "digest"), RFC_4231)
def test_rfc_4231_known_answers(key: bytes, message: bytes, digest: str) -> None:
    assert pseudonymise.KeyedHash(key).hexdigest(message) == digest


def connection(keys: dict[str, bytes]) -> duckdb.DuckDBPyConnection:
    """A connection that knows `keys` and no others."""

    def look_up(name: str) -> bytes:
        if name not in keys:
            raise KeyringError(f"Key '{name}' is missing.")
        return keys[name]

    conn = duckdb.connect()
    pseudonymise.register(conn, look_up)
    return conn


def test_sql_gives_what_the_standard_library_gives() -> None:
    conn = connection({"person": b"k" * 32})
    for message in ("7:example", "é" * 100):
        digest = hmac.digest(b"k" * 32, message.encode("utf-8"), "sha256")
        answer = conn.execute("select keyed_uuid('person', ?)::uuid", [message]).fetchone()
        assert answer == (uuid.UUID(bytes=digest[:16]),)


def test_null_stays_null() -> None:
    conn = connection({"person": b"k" * 32})
    assert conn.execute("select keyed_uuid('person', null)").fetchone() == (None,)


def test_a_missing_key_stops_the_query() -> None:
    with pytest.raises(duckdb.Error, match="missing"):
        connection({}).execute("select keyed_uuid('person', 'x')").fetchall()


def test_a_short_key_stops_the_query() -> None:
    with pytest.raises(duckdb.Error, match="shorter than 32 bytes"):
        connection({"person": b"k" * 31}).execute("select keyed_uuid('person', 'x')").fetchall()


def test_attack_dictionary_without_the_key_finds_nobody() -> None:
    """Whoever holds pseudonyms and every 999 number still cannot match them."""
    released = pseudonymise.KeyedHash(b"s" * 32).uuid("9990000042")
    assert released not in guesses_without_key()


def test_control_an_unkeyed_hash_falls_to_the_dictionary() -> None:
    released = str(uuid.UUID(bytes=hashlib.sha256(b"9990000042").digest()[:16]))
    assert released in guesses_without_key()


def guesses_without_key() -> set[str]:
    """SHA-256 of the first ten thousand 999 numbers, as an attacker would list them."""
    numbers = (f"999{n:07d}" for n in range(10_000))
    return {str(uuid.UUID(bytes=hashlib.sha256(n.encode()).digest()[:16])) for n in numbers}


def test_parts_cannot_be_moved_between_fields() -> None:
    """Length prefixes keep ('ab', 'c') and ('a', 'bc') apart; plain joining does not."""
    conn = connection({"person": b"k" * 32})
    prefixed = "length({0})::varchar || ':' || {0} || length({1})::varchar || ':' || {1}"
    answers = [
        conn.execute(
            "select keyed_uuid('person', " + prefixed.format(f"'{a}'", f"'{b}'") + ")"
        ).fetchone()
        for a, b in (("ab", "c"), ("a", "bc"))
    ]
    assert answers[0] != answers[1]
