"""What may be collected, from whom, and where packs are sent: `var/collect.yml`.

Its form is in CONTRIBUTING.md, Collect and Deliver.

Secrets stand in files under `var/keys`, never in it. Without the file var/inbox is collected, each
layout is a workflow of its own name, and a sender's folder is its organisation code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import yaml

from safe_haven.collect.delivery import RefusedError
from safe_haven.errors import SafeHavenError
from safe_haven.load.contract import ORGANISATION_CODE
from safe_haven.load.mapping import find_mapping, layouts
from safe_haven.paths import State

RECIPIENT_CODE = re.compile(r"[A-Z0-9]{3,9}")
"""A code of the Organisation Data Service or, of a local authority, of national statistics."""
MAILBOX_ID = re.compile(r"[A-Z0-9]{4,40}")


@dataclass(frozen=True)
class Mailbox:
    """Where the mailbox is and which files of the keyring's folder open it.

    `sandbox` allows plain http and unverified certificates, on this machine alone.
    """

    url: str
    mailbox_id: str
    password_file: str
    shared_key_file: str
    report_workflow: str
    certificate_file: str = ""
    private_key_file: str = ""
    sandbox: bool = False


@dataclass(frozen=True)
class Workflow:
    """The layout of a workflow's files, and the organisation code of each sender allowed.

    Without a list of senders each is named by its own code.
    """

    layout: str
    senders: Mapping[str, str] | None


@dataclass(frozen=True)
class Deliveries:
    """Under which workflow packs are sent, and the mailbox of each recipient, by its code."""

    workflow: str
    mailboxes: Mapping[str, str]


def every_layout() -> dict[str, Workflow]:
    """The workflows where none are configured: the layouts, from whom their contracts let."""
    return {layout: Workflow(layout, None) for layout in layouts()}


@dataclass(frozen=True)
class Config:
    """The mailbox, None for the watched folder, the workflows by name, and what is sent where."""

    mailbox: Mailbox | None = None
    workflows: Mapping[str, Workflow] = field(default_factory=every_layout)
    deliveries: Deliveries | None = None

    def route(self, workflow: str, sender: str) -> tuple[str, str]:
        """Layout and organisation code of what `sender` sends as `workflow`, or RefusedError."""
        known = self.workflows.get(workflow)
        if known is None:
            raise RefusedError(
                "unknown_workflow", "This workflow is not collected here: check its name."
            )
        code = sender if known.senders is None else known.senders.get(sender, "")
        contract = find_mapping(known.layout).contract
        if not (ORGANISATION_CODE.fullmatch(code) and contract.may_send(code)):
            raise RefusedError(
                "sender_not_allowed",
                "This sender may not send this workflow: ask the safe haven to be listed.",
            )
        return known.layout, code


def read_config(state: State) -> Config:
    """Read and check `var/collect.yml`; a SafeHavenError says what is wrong with it."""
    path = state.var / "collect.yml"
    if not path.exists():
        return Config()
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        if not isinstance(document, dict) or set(document) - {f.name for f in fields(Config)}:
            raise ValueError(
                "it holds `workflows` and, for MESH, `mailbox` and `deliveries`, and nothing else"
            )
        box = document.get("mailbox")
        listed = document.get("workflows") or {}
        config = Config(
            mailbox=_checked(_read(Mailbox, box, "mailbox")) if box is not None else None,
            workflows={name: _workflow(name, value) for name, value in listed.items()},
        )
        if "deliveries" in document:
            config = replace(config, deliveries=_deliveries(document["deliveries"], config))
        if not listed:
            raise ValueError("workflows lists nothing, so nothing could be collected")
        if config.mailbox and config.mailbox.report_workflow in listed:
            raise ValueError("report_workflow is also a workflow that is collected")
    except (OSError, ValueError, yaml.YAMLError, SafeHavenError) as error:
        reason = "it is not YAML" if isinstance(error, yaml.YAMLError) else str(error)
        raise SafeHavenError(
            f"{path} is wrong: {reason}. How it is written: CONTRIBUTING.md, Collect."
        ) from None
    return config


def _read(kind: type[Any], document: Any, where: str) -> Any:
    """A dataclass from a YAML mapping: no name unknown, none missing, text where text belongs."""
    known = {f.name: f for f in fields(kind)}
    if not isinstance(document, dict) or set(document) - set(known):
        raise ValueError(f"{where} takes {', '.join(known)}, and nothing else")
    needed = {name for name, f in known.items() if f.default is MISSING}
    if missing := sorted(needed - set(document)):
        raise ValueError(f"{where} lacks {', '.join(missing)}")
    for name, value in document.items():
        wanted = {"sandbox": bool, "senders": dict, "mailboxes": dict}.get(name, str)
        if not isinstance(value, wanted) or value == "":
            raise ValueError(f"{where}: {name} must be given as {wanted.__name__}")
    return kind(**document)


def _checked(mailbox: Mailbox) -> Mailbox:
    host = urlsplit(mailbox.url).hostname or ""
    if mailbox.sandbox:
        try:
            loopback = ip_address(host).is_loopback
        except ValueError:
            loopback = False
        if not loopback:
            raise ValueError("sandbox is for a server on this machine alone: 127.0.0.1 or ::1")
    elif not mailbox.url.startswith("https://"):
        raise ValueError("the mailbox is reached over https:// only")
    elif not (mailbox.certificate_file and mailbox.private_key_file):
        raise ValueError("mailbox lacks certificate_file or private_key_file")
    return mailbox


def _workflow(name: Any, document: Any) -> Workflow:
    workflow: Workflow = _read(Workflow, document, f"workflow {name}")
    find_mapping(workflow.layout)
    for sender, code in (workflow.senders or {}).items():
        if not (isinstance(name, str) and isinstance(sender, str) and isinstance(code, str)):
            raise ValueError(f"workflow {name}: write names and codes as text, in quotes")
        if not ORGANISATION_CODE.fullmatch(code):
            raise ValueError(f"workflow {name}: {code} is not an organisation code")
    return workflow


def _deliveries(document: Any, config: Config) -> Deliveries:
    """Whom packs are sent to: one mailbox a recipient, and none for two of them."""
    deliveries: Deliveries = _read(Deliveries, document, "deliveries")
    box = config.mailbox
    if box is None:
        raise ValueError("deliveries need a mailbox to send from")
    if deliveries.workflow in {*config.workflows, box.report_workflow}:
        raise ValueError("deliveries: the workflow is also one that is collected or reported under")
    for code, mailbox in deliveries.mailboxes.items():
        if not (isinstance(code, str) and RECIPIENT_CODE.fullmatch(code)):
            raise ValueError(f"deliveries: {code!r} is not the code of a recipient")
        if not (isinstance(mailbox, str) and MAILBOX_ID.fullmatch(mailbox)):
            raise ValueError(f"deliveries: write the mailbox of {code} as text, in capitals")
    given = [box.mailbox_id, *deliveries.mailboxes.values()]
    if len(set(given)) != len(given):
        raise ValueError("deliveries: two recipients, or one and this safe haven, share a mailbox")
    return deliveries
