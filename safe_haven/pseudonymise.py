"""The keyed function: HMAC-SHA256 (RFC 2104), the only way an identifier becomes a pseudonym."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Callable

import duckdb
import pyarrow as pa

from safe_haven.errors import KeyringError
from safe_haven.keyring import KEY_BYTES

KNOWN_ANSWER = "known_answer"
# RFC 4231 test case 2 uses this published key; unit tests name it, real runs never do.
KNOWN_ANSWER_KEY = b"Jefe"


def keyed_digest(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA256 of `message`, 32 bytes (known answers: RFC 4231)."""
    return hmac.new(key, message, hashlib.sha256).digest()


def keyed_uuid(key: bytes, message: str) -> str:
    """The first 128 bits of the keyed digest, written as a UUID.

    128 bits keep the chance of any collision among 60 million people below 1e-23; 64 would not.
    """
    return str(uuid.UUID(bytes=keyed_digest(key, message.encode("utf-8"))[:16]))


def register(connection: duckdb.DuckDBPyConnection, key: Callable[[str], bytes]) -> None:
    """Offer `keyed_uuid(key_name, message) -> UUID text` to SQL; keys never enter the SQL itself.

    NULL messages give NULL. `key` looks a key up by name and raises when in doubt.
    """
    cache: dict[str, bytes] = {KNOWN_ANSWER: KNOWN_ANSWER_KEY}

    def look_up(name: str) -> bytes:
        if name not in cache:
            found = key(name)
            if len(found) < KEY_BYTES:
                raise KeyringError(f"Key '{name}' is shorter than {KEY_BYTES} bytes.")
            cache[name] = found
        return cache[name]

    def vectorised(key_names: pa.Array, messages: pa.Array) -> pa.Array:
        pairs = zip(key_names.to_pylist(), messages.to_pylist(), strict=True)
        return pa.array(
            [
                None if name is None or message is None else keyed_uuid(look_up(name), message)
                for name, message in pairs
            ],
            type=pa.string(),
        )

    connection.create_function(
        "keyed_uuid",
        vectorised,
        ["VARCHAR", "VARCHAR"],
        "VARCHAR",
        type="arrow",
        null_handling="special",
    )
