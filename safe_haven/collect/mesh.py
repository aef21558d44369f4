"""A MESH mailbox, through NHS England's own client.

Source: Message Exchange for Social Care and Health (MESH) API: a message stays in the mailbox until
it is acknowledged, at most five days; the service, not the sender, writes Mex-From.
"""

from __future__ import annotations

import re
import ssl
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import requests
from mesh_client import MeshClient, MeshError

from safe_haven.collect.config import Mailbox
from safe_haven.collect.delivery import (
    DELIVERY_ID,
    Delivery,
    Record,
    RefusedError,
    UndeliverableError,
)
from safe_haven.errors import SafeHavenError
from safe_haven.keyring import private_text
from safe_haven.load.received import UNPACKED_AT_MOST
from safe_haven.paths import State

BLOCK = 1 << 16
CHUNK = 50 << 20
"""The service takes chunks of up to 100 MB."""
CHUNK_RANGE = re.compile(r"1:([0-9]{1,4})")
GZIP = b"\x1f\x8b"
GZIP_MEMBER = 31
"""What zlib calls a gzip member: header, data and checksum."""


class MeshMailbox:
    """One mailbox. A context manager: the connection is closed at the end."""

    name = "mesh"
    unready = 0

    def __init__(self, state: State, mailbox: Mailbox) -> None:
        """Read the secrets; nothing is sent yet."""
        self._mailbox = mailbox
        if mailbox.sandbox and requests.utils.get_environ_proxies(mailbox.url):
            raise SafeHavenError(
                "A sandbox is reached on this machine alone, and the environment names a proxy "
                "for it. Set NO_PROXY=127.0.0.1 and run again."
            )
        self._client = MeshClient(
            mailbox.url,
            mailbox.mailbox_id,
            private_text(_secret(state, mailbox.password_file)),
            shared_key=private_text(_secret(state, mailbox.shared_key_file)).encode(),
            cert=_certificate(state, mailbox),
            # None is the client's own verification, with the service's own certificates.
            verify=False if mailbox.sandbox else None,
            application_name="safe-haven",
        )
        self._first: requests.Response | None = None

    def __enter__(self) -> MeshMailbox:
        """Nothing to do."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self._client.close()

    def waiting(self) -> list[str]:
        """Ids of every message in the mailbox, all pages of it."""
        with self._asked("Nothing was collected"):
            self._client.handshake()
            return list(self._client.iterate_message_ids())

    def look(self, key: str) -> Delivery:
        """Ask for the message and read its headers; the content is not read."""
        if not DELIVERY_ID.fullmatch(key):
            raise ValueError("a message id that cannot be a file name")
        if self._first is not None:
            self._first.close()
        self._first = self._client.retrieve_message_chunk(key, 1)
        headers = self._first.headers
        sender = headers.get("Mex-From", "")
        workflow = headers.get("Mex-WorkflowID", "")
        about = headers.get("Mex-LocalID") or headers.get("Mex-LinkedMsgId") or ""
        notice = ""
        if headers.get("Mex-MessageType") == "REPORT":
            notice = about if DELIVERY_ID.fullmatch(about) else "a message not named"
        # A report is never answered with a report: two safe havens would do so for ever.
        silent = notice or workflow == self._mailbox.report_workflow
        return Delivery(
            delivery_id=key,
            workflow=workflow,
            sender=sender,
            answer_to="" if silent else sender,
            received_on=_day(headers.get("Mex-StatusTimestamp", "")),
            notice=notice,
        )

    def fetch(self, delivery: Delivery, folder: Path) -> tuple[Path, Path | None]:
        """Write the content block by block, chunk after chunk; the subject is the envelope.

        The file is named after the message: a sender's name for it may be a path or a patient.
        """
        assert self._first is not None
        headers = self._first.headers
        chunks = CHUNK_RANGE.fullmatch(headers.get("Mex-Chunk-Range", "1:1"))
        if chunks is None:
            raise _damaged()
        content = folder / "content"
        with content.open("wb") as out:
            out.writelines(
                limited(self._content(delivery.delivery_id, self._first, int(chunks[1])))
            )
        with content.open("rb") as handle:
            suffix = ".csv.gz" if handle.read(len(GZIP)) == GZIP else ".csv"
        path = content.rename(folder / f"{delivery.delivery_id}{suffix}")
        subject = headers.get("Mex-Subject", "").strip()
        if not subject:
            return path, None
        envelope = folder / "subject"
        envelope.write_text(subject, encoding="utf-8")
        return path, envelope

    def _content(self, key: str, first: requests.Response, chunks: int) -> Iterator[bytes]:
        yield from blocks(first)
        for number in range(2, chunks + 1):
            with self._client.retrieve_message_chunk(key, number) as chunk:
                yield from blocks(chunk)

    def reply(self, record: Record, report: Path) -> None:
        """Send the report; the id of the message it is about is its local id."""
        try:
            with report.open("rb") as handle:
                self._client.send_message(
                    record.answer_to,
                    handle,
                    workflow_id=self._mailbox.report_workflow,
                    local_id=record.delivery_id,
                    subject=f"Error report on message {record.delivery_id}",
                    filename=report.name,
                    content_type="text/csv",
                    compress=True,
                )
        except MeshError:
            raise UndeliverableError from None

    def mailboxes_of(self, organisation: str, workflow: str) -> list[str]:
        """The mailboxes that the service has for what is sent to an organisation in a workflow."""
        with self._asked("Nothing was sent"):
            found = self._client.lookup_endpoint(organisation, workflow)
        return [item["mailbox_id"] for item in found["results"]]

    def send(self, mailbox: str, content: Path, workflow: str, local_id: str, subject: str) -> str:
        """Send a file in chunks; the id of the message.

        Errors: SafeHavenError when the service takes it not, or does not say so. A message that is
        not whole is never given to the mailbox.
        """
        with self._asked("Whether the message left is not known"), content.open("rb") as handle:
            try:
                return self._client.send_message(
                    mailbox,
                    handle,
                    max_chunk_size=CHUNK,
                    compress=True,
                    workflow_id=workflow,
                    local_id=local_id,
                    subject=subject,
                    filename=content.name,
                    content_type="application/zip",
                )
            except MeshError:
                raise SafeHavenError(
                    f"The service takes no message for mailbox {mailbox}: check var/collect.yml."
                ) from None

    @contextmanager
    def _asked(self, so: str) -> Iterator[None]:
        """Say what is wrong when the service does not answer as it should.

        Without the client's own text: what it may hold is not ours to know.
        """
        box = self._mailbox
        try:
            yield
        except requests.RequestException as error:
            refused = getattr(error.response, "status_code", None) == requests.codes.forbidden
            what, check = (
                (f"refuses mailbox {box.mailbox_id}", "password, shared key and this clock")
                if refused
                else (f"gives no answer ({type(error).__name__})", "address and certificates")
            )
            raise SafeHavenError(f"{box.url} {what}. {so}. Check {check} and run again.") from None

    def finish(self, delivery: Delivery, outcome: str) -> None:
        """Acknowledge: the service deletes the message."""
        self._client.acknowledge_message(delivery.delivery_id)


def blocks(response: requests.Response) -> Iterator[bytes]:
    """The content of one chunk in blocks, decompressed where the transfer compressed it.

    The client's own reader takes a gzip stream that ends early for a whole one. RefusedError here:
    such a message never gets whole.
    """
    compressed = response.headers.get("Content-Encoding") == "gzip"
    member = zlib.decompressobj(GZIP_MEMBER)
    started = False
    try:
        while block := response.raw.read(BLOCK, decode_content=False):
            if not compressed:
                yield block
                continue
            while block:
                if member.eof:
                    member = zlib.decompressobj(GZIP_MEMBER)
                started = True
                yield member.decompress(block, BLOCK)
                block = member.unconsumed_tail or member.unused_data
    except zlib.error:
        raise _damaged() from None
    if started and not member.eof:
        raise _damaged()


def limited(content: Iterable[bytes]) -> Iterator[bytes]:
    """The blocks, up to the limit of what a file may hold; RefusedError beyond it."""
    size = 0
    for block in content:
        size += len(block)
        if size > UNPACKED_AT_MOST:
            raise RefusedError(
                "file_refused",
                f"The message holds more than {UNPACKED_AT_MOST >> 20:,} MiB: send it in parts.",
            )
        yield block


def _damaged() -> RefusedError:
    return RefusedError(
        "content_damaged", "The content is cut off or damaged: send the file again."
    )


def _secret(state: State, name: str) -> Path:
    """A file of `var/keys` that only its owner can read, and no key of the keyring.

    It is not empty: without a shared key the client falls back on one that is published.
    """
    if "/" in name or name.startswith(".") or name.endswith(".key"):
        raise SafeHavenError(
            f"'{name}' in var/collect.yml must be the name of a file in var/keys, and not end in "
            "'.key': such names are the keyring's."
        )
    path = state.keys / name
    if not private_text(path):
        raise SafeHavenError(f"{path} is empty: write the secret into it.")
    return path


def _certificate(state: State, mailbox: Mailbox) -> tuple[str, str] | None:
    """Paths of the certificate that shows who calls, and of its private key, once they fit."""
    if not mailbox.certificate_file:
        return None
    certificate = _secret(state, mailbox.certificate_file)
    private_key = _secret(state, mailbox.private_key_file)
    try:
        ssl.create_default_context().load_cert_chain(certificate, private_key, password="")
    except (ssl.SSLError, ValueError):
        raise SafeHavenError(
            f"{certificate.name} and {private_key.name} in {state.keys} are no certificate with "
            "its private key (PEM, no pass phrase)."
        ) from None
    return str(certificate), str(private_key)


def _day(timestamp: str) -> str:
    """ISO day of YYYYMMDDHHMMSS, when the service took the message in; empty for anything else."""
    try:
        return datetime.strptime(timestamp[:8], "%Y%m%d").date().isoformat()
    except ValueError:
        return ""
