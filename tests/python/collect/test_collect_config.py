"""`var/collect.yml` and the secrets: what is wrong is said before anything is connected to."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from mesh_client import MeshClient
from mesh_post import SHARED_KEY, Post, configure, file_of, keep, running

from safe_haven.load.landing import read_submissions
from safe_haven.paths import State

Collect = Callable[..., Result]
# Nobody listens there.
NOWHERE = Post("http://127.0.0.1:9")
LIVE = "https://mesh-sync.spineservices.nhs.uk"


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the client would have connected to; it raises before it does."""
    seen: list[str] = []

    def stop(client: MeshClient) -> None:
        seen.append(client.mailbox_url)
        raise RuntimeError("connected")

    monkeypatch.setattr(MeshClient, "handshake", stop)
    return seen


def test_control_a_right_file_connects(
    state: State, collect: Collect, connections: list[str]
) -> None:
    configure(state, NOWHERE)
    with pytest.raises(RuntimeError, match="connected"):
        collect()
    assert connections == [f"{NOWHERE.url}/messageexchange/X26ABC1"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"sandbox": None}, "over https:// only"),
        ({"sandbox": False}, "over https:// only"),
        ({"url": LIVE}, "sandbox is for a server on this machine alone"),
        ({"url": "http://localhost:9"}, "sandbox is for a server on this machine alone"),
        ({"url": "http://127.0.0.1@mesh.example"}, "sandbox is for a server on this machine"),
        ({"url": LIVE, "sandbox": False}, "lacks certificate_file or private_key_file"),
        ({"password": "secret"}, "and nothing else"),
        ({"password_file": None}, "mailbox lacks password_file"),
        ({"password_file": ""}, "password_file must be given as str"),
        ({"sandbox": "yes"}, "sandbox must be given as bool"),
        ({"password_file": "../collect.yml"}, "must be the name of a file in var/keys"),
        ({"password_file": "zone-identifiable.key"}, "not end in '.key'"),
        ({"password_file": "none"}, "is missing"),
        ({"report_workflow": "PEOPLE"}, "report_workflow is also a workflow"),
        ({"certificate_file": "mesh-password", "private_key_file": "mesh-password"}, None),
    ],
)
def test_a_wrong_mailbox_connects_to_nothing(
    state: State,
    collect: Collect,
    connections: list[str],
    changes: dict[str, object],
    reason: str | None,
) -> None:
    configure(state, NOWHERE, **changes)
    if reason is None:
        changes, reason = {"url": "https://127.0.0.1:9"} | changes, "no certificate with its"
        configure(state, NOWHERE, **changes)
    output = collect().output
    assert reason in output
    assert "secret" not in output
    assert connections == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "it is not YAML"),
        ("[]", "it holds `workflows`"),
        ("workflow: {}", "it holds `workflows`"),
        ("mailbox: {}", "mailbox lacks mailbox_id"),
        ("workflows:", "workflows lists nothing"),
        ("workflows: {P: {layout: landing-person}}", "workflow P lacks senders"),
        ("workflows: {P: {layout: persons, senders: {A: RXX}}}", "There is no layout persons"),
        ("workflows: {P: {layout: landing-person, senders: {A: R}}}", "R is not an organisation"),
        ("workflows: {P: {layout: landing-person, senders: {A: 010}}}", "as text, in quotes"),
        ("workflows: {P: {layout: landing-person, senders: all}}", "senders must be given as dict"),
    ],
)
def test_a_wrong_file_is_refused(state: State, collect: Collect, text: str, reason: str) -> None:
    (state.var / "collect.yml").write_text(text)
    (state.inbox / "P" / "A").mkdir(parents=True)
    (state.inbox / "P" / "A" / "people.csv").write_bytes(file_of())
    assert reason in collect().output
    assert read_submissions(state) == []


@pytest.mark.parametrize("name", ["mesh-password", "mesh-shared-key"])
def test_a_secret_open_to_others_or_empty_is_refused(
    state: State, collect: Collect, connections: list[str], name: str
) -> None:
    """An empty shared key would make the client use one that is published."""
    configure(state, NOWHERE)
    (state.keys / name).chmod(0o640)
    assert f"chmod 600 {state.keys / name}" in collect().output
    (state.keys / name).chmod(0o600)
    (state.keys / name).write_text("\n")
    assert f"{state.keys / name} is empty" in collect().output
    assert connections == []


def test_a_sandbox_is_not_reached_through_a_proxy(
    state: State, collect: Collect, connections: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else what is not verified would leave this machine. Control: NO_PROXY keeps it here."""
    configure(state, NOWHERE)
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    with pytest.raises(RuntimeError, match="connected"):
        collect()
    connections.clear()
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.delenv("no_proxy")
    assert "the environment names a proxy" in collect().output
    assert connections == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for this machine that nobody vouches for, and its private key."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    start = datetime.datetime(2020, 1, 1)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start.replace(year=2090))
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "private.pem"
    paths[0].write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_a_service_that_nobody_vouches_for_is_not_talked_to(
    state: State,
    collect: Collect,
    certificate: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Control: as a sandbox, whose certificate is not verified, the same service is collected."""
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        # Such a variable makes the client verify the sandbox too.
        monkeypatch.delenv(variable, raising=False)
    with running(tmp_path, *certificate) as post:
        post.send(file_of())
        for path in certificate:
            keep(state, path.name, path.read_text())
        own = {"certificate_file": "certificate.pem", "private_key_file": "private.pem"}
        configure(state, post, sandbox=False, **own)
        output = collect().output
        assert "gives no answer (SSLError)" in output
        assert SHARED_KEY not in output
        assert "begin" not in (tmp_path / "log").read_text().split("end send_message")[-1]
        assert read_submissions(state) == []
        configure(state, post)
        collect()
        assert len(read_submissions(state)) == 1
