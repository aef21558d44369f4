"""The keyed function: HMAC-SHA256 (RFC 2104), the only way an identifier becomes a pseudonym."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

import duckdb
import pyarrow as pa

from safe_haven.errors import KeyringError
from safe_haven.keyring import KEY_BYTES

KNOWN_ANSWER = "known_answer"
# RFC 4231 test case 2 uses this published key; unit tests name it, real runs never do.
KNOWN_ANSWER_KEY = b"Jefe"


class KeyedHash:
    """HMAC-SHA256 under one key (known answers: RFC 4231).

    The state after the padded key is made once and copied for each message (RFC 2104, section 4).
    """

    def __init__(self, key: bytes) -> None:
        """Begin with the key."""
        self._begun = hmac.new(key, digestmod=hashlib.sha256)

    def hexdigest(self, message: bytes) -> str:
        """The 32 bytes of the digest, in hexadecimal."""
        code = self._begun.copy()
        code.update(message)
        return code.hexdigest()

    def uuid(self, message: str) -> str:
        """The first 128 bits of the digest, written as a UUID.

        128 bits keep the chance of any collision among 60 million people below 1e-23; 64 would not.
        """
        digits = self.hexdigest(message.encode("utf-8"))
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:32]}"


def register(connection: duckdb.DuckDBPyConnection, key: Callable[[str], bytes]) -> None:
    """Offer `keyed_uuid(key_name, message) -> UUID text` to SQL; keys never enter the SQL itself.

    NULL messages give NULL. `key` looks a key up by name and raises when in doubt.
    """
    cache = {KNOWN_ANSWER: KeyedHash(KNOWN_ANSWER_KEY)}

    def look_up(name: str) -> KeyedHash:
        if name not in cache:
            found = key(name)
            if len(found) < KEY_BYTES:
                raise KeyringError(f"Key '{name}' is shorter than {KEY_BYTES} bytes.")
            cache[name] = KeyedHash(found)
        return cache[name]

    def vectorised(key_names: pa.Array, messages: pa.Array) -> pa.Array:
        pairs = zip(key_names.to_pylist(), messages.to_pylist(), strict=True)
        return pa.array(
            [
                None if name is None or message is None else look_up(name).uuid(message)
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
