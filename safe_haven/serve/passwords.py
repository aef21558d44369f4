"""Passwords of the live database: made here, kept in the keyring's folder, never sent in clear."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from safe_haven.errors import KeyringError
from safe_haven.keyring import KEY_NAME, private_text, write_atomically
from safe_haven.paths import State

ITERATIONS = 4096
"""As PostgreSQL's own; the passwords are 256 random bits, which no number of guesses reaches."""


def password(state: State, role: str) -> str:
    """The password of `role`, in `var/keys/<role>.password`; made on first use.

    Removing the file and loading again gives a new one.
    """
    if not KEY_NAME.fullmatch(role):
        raise KeyringError(f"'{role}' cannot name a password: letters, digits, '-', '_', '.'.")
    path = state.keys / f"{role}.password"
    if not path.exists():
        write_atomically(path, secrets.token_hex(32).encode() + b"\n")
    text = private_text(path)
    if len(text) < 32:
        raise KeyringError(f"{path} must hold at least 32 characters. Remove it for a new one.")
    return text


def scram_verifier(text: str) -> str:
    """What the server stores in place of the password (RFC 5803), so that no log can hold it."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", text.encode("ascii"), salt, ITERATIONS)
    client_key = hmac.new(salted, b"Client Key", hashlib.sha256).digest()
    server_key = hmac.new(salted, b"Server Key", hashlib.sha256).digest()
    stored = hashlib.sha256(client_key).digest()
    salt64, stored64, server64 = (
        base64.b64encode(part).decode() for part in (salt, stored, server_key)
    )
    return f"SCRAM-SHA-256${ITERATIONS}:{salt64}${stored64}:{server64}"
