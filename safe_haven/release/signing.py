"""Ed25519 signatures: deterministic, checked with public material only.

The private key is the 32-byte seed `signing` of the keyring; the public key is published as PEM in
`var/public/keys/signing.pub.pem`.
"""

from __future__ import annotations

from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from safe_haven.errors import SafeHavenError
from safe_haven.keyring import Keyring, write_atomically
from safe_haven.paths import State

KEY_NAME = "signing"
PUBLIC_KEY_FILE = "signing.pub.pem"


def private_key(keyring: Keyring) -> Ed25519PrivateKey:
    """The signing key."""
    return Ed25519PrivateKey.from_private_bytes(keyring.key(KEY_NAME))


def sign(key: Ed25519PrivateKey, content: bytes) -> bytes:
    """The 64 bytes of the signature: the same for the same key and content, always."""
    return key.sign(content)


def is_signed(key: Ed25519PublicKey, content: bytes, signature: bytes) -> bool:
    """Whether `signature` was made over `content` with the private half of `key`."""
    try:
        key.verify(signature, content)
    except InvalidSignature:
        return False
    return True


def public_pem(key: Ed25519PublicKey) -> bytes:
    """The public key as PEM."""
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def load_public_key(path: Path) -> Ed25519PublicKey:
    """Read a published key; anything but an Ed25519 public key is an error."""
    if not path.is_file():
        raise SafeHavenError(
            f"The public key {path} is missing. Give it with --public-key, or fetch it again "
            "from where the safe haven publishes it."
        )
    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise SafeHavenError(f"{path} is not an Ed25519 public key in PEM form.")
    return key


def publish_public_key(state: State, keyring: Keyring) -> Ed25519PublicKey:
    """Write the public key where anyone finds it, and return it.

    A published key that is another one stops the run: every pack signed so far would fail.
    """
    key = private_key(keyring).public_key()
    path = state.public_keys / PUBLIC_KEY_FILE
    if path.exists() and path.read_bytes() != public_pem(key):
        raise SafeHavenError(
            f"{path} is not the public half of the signing key in {state.keys}. Releases made "
            "before were signed with another key: restore that key from your backup."
        )
    if not path.exists():
        write_atomically(path, public_pem(key), mode=0o644)
    return key
