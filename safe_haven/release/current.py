"""Releases in force: where each is, until when it may be used, and whether it can be proved."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from safe_haven.keyring import Keyring
from safe_haven.paths import State
from safe_haven.release import files, lifecycle, pack, records, verify
from safe_haven.release.entitlement import Entitlement
from safe_haven.release.pack import Order
from safe_haven.release.register import Entry, Register
from safe_haven.zones import open_read_only

CALENDAR = ZoneInfo("Europe/London")
"""Agreements begin and end at midnight here."""


def folder(state: State, entry: Entry) -> Path:
    """Where a registered release is."""
    return state.releases / entry.recipient / entry.agreement / str(entry.release_id)


def orders(state: State) -> dict[str, Order]:
    """What the last build says of each agreement."""
    with open_read_only(state) as connection:
        return {order.agreement: order for order in pack.read_orders(connection)}


def withdrawn(entry: Entry, given: Mapping[str, Order], known: Register) -> list[str]:
    """Every reason of the last build for which a release in force is given to nobody any more."""
    order = given.get(entry.agreement)
    if order is None or order.recipient != entry.recipient:
        return ["agreement_not_in_the_last_build"]
    return lifecycle.refusals(order, known)


def term(pack_folder: Path) -> tuple[datetime.datetime, datetime.datetime | None]:
    """The first moment of a pack's agreement, and the first after its last, if it has one.

    The last is that of the agreement, its contract or its legal basis, whichever is first.
    """
    document = files.parse_canonical(
        (pack_folder / pack.ENTITLEMENT).read_bytes(), pack.ENTITLEMENT
    )
    terms = Entitlement.from_document(document).agreement
    lasts = [
        terms["ends_on"],
        terms.get("contract", {}).get("ends_on"),
        terms.get("legal_basis_ends_on"),
    ]
    return (
        _midnight(terms["starts_on"]),
        min((_midnight(day, after=1) for day in lasts if day is not None), default=None),
    )


def _midnight(day: str, after: int = 0) -> datetime.datetime:
    date = datetime.date.fromisoformat(day) + datetime.timedelta(days=after)
    return datetime.datetime.combine(date, datetime.time(), CALENDAR)


def findings(
    folders: Mapping[Entry, Path], keyring: Keyring, public: verify.Evidence
) -> Iterator[str]:
    """Every proof that does not hold. Aggregate packs are audited together.

    A pack is proved by what it says of itself, so that of another agreement would do; its manifest
    must be the one that the register has for this place.
    """
    by_key: dict[str | None, list[Path]] = {}
    for entry, at in folders.items():
        manifest = at / pack.MANIFEST
        if not manifest.is_file() or files.file_sha256(manifest) != entry.manifest_sha256:
            yield f"{'/'.join(at.parts[-3:])}: it is not the release that the register has here"
        container = (at / records.CONTAINER).exists()
        by_key.setdefault(entry.recipient if container else None, []).append(at)
    for recipient, together in by_key.items():
        keys = [keyring.key(f"recipient-{recipient}")] if recipient else []
        evidence = verify.Evidence(public.public_key, public.register, keys, public.audit)
        for report in verify.verify_packs(together, evidence):
            for name, proof in report.proofs.items():
                if proof.outcome != verify.PROVED:
                    where = "/".join(report.folder.parts[-3:])
                    yield f"{where}: {name} {proof.outcome}: {'; '.join(proof.details)}"
