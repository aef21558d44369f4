"""Cutting a release: prepare every pack, check them all together, then publish in small steps.

Order of publication, so that a crash leaves the old release or the new one:
1. finished packs are renamed into place (nobody is pointed at them yet);
2. the register is replaced, in one step, for all packs of the run: this is the commit;
3. each `current` link is swapped. A link that is behind the register still leads to a whole, signed
   and registered release; the next run moves it on;
4. the audit log is told; the next run tells it what this one could not.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import duckdb

from safe_haven.audit_log import Fact
from safe_haven.build_id import current_build_id
from safe_haven.errors import SafeHavenError
from safe_haven.keyring import Keyring
from safe_haven.paths import State
from safe_haven.release import (
    content,
    events,
    files,
    gate_counts,
    lifecycle,
    pack,
    records,
    register,
    rules,
    signing,
    verify,
)
from safe_haven.release.audits import Checks, Container, refuse
from safe_haven.release.lifecycle import CURRENT, PREPARING
from safe_haven.release.pack import Order, Prepared, Terms
from safe_haven.release.register import Register
from safe_haven.release.render import Table
from safe_haven.release.workbook import Writer, writers
from safe_haven.zones import open_read_only, writer_lock

RELEASED, UNCHANGED, REFUSED, WOULD_RELEASE = "released", "unchanged", "refused", "would release"
WORKERS = min(4, os.cpu_count() or 1)
"""Packs that are made or proved at the same time; each is held in memory."""
Item, Result = TypeVar("Item"), TypeVar("Result")


@dataclass(frozen=True)
class Outcome:
    """What became of one row of `rel_pack`."""

    recipient: str
    agreement: str
    flow: str
    outcome: str
    detail: str


def release(
    state: State,
    recipient: str | None = None,
    agreement: str | None = None,
    dry_run: bool = False,
    checks: Checks | None = None,
    after_recall: str | None = None,
) -> list[Outcome]:
    """Cut a release of every pack that is allowed and has changed.

    `after_recall` says why data that were recalled may be given again under `agreement`. A dry run
    writes nothing but its own folder, and removes it; what a crash left undone stays so.

    Errors: SafeHavenError when the build does not pass the gate, when a prepared pack fails any
    proof, the disclosure audit or the identifier scan; then nothing at all is released.
    """
    checks = checks or Checks()
    if after_recall is not None:
        if agreement is None:
            raise SafeHavenError("--after-recall is said of one agreement: name it.")
        after_recall = events.reason(after_recall)
    with writer_lock(state):
        if dry_run:
            files.remove(state.releases / PREPARING)
        else:
            lifecycle.recover(state)
        try:
            with open_read_only(state) as connection:
                return _release(
                    state, connection, checks, recipient, agreement, dry_run, after_recall
                )
        except SafeHavenError as error:
            if not dry_run:
                events.record(state, [(events.STOPPED, {"reason": events.text(str(error))})])
            raise
        finally:
            files.remove(state.releases / PREPARING)


def _refusals(outcomes: Sequence[Outcome], against: Mapping[str, Sequence[str]]) -> list[Fact]:
    return [
        (
            events.REFUSED,
            {
                "recipient": item.recipient,
                "agreement": item.agreement,
                "reason": item.detail,
                "gates": [reason.partition(":")[0] for reason in against[item.agreement]],
            },
        )
        for item in outcomes
        if item.outcome == REFUSED
    ]


@dataclass(frozen=True)
class _Run:
    """What each step of one run needs."""

    state: State
    connection: duckdb.DuckDBPyConnection
    keyring: Keyring
    known: Register
    public_key: signing.Ed25519PublicKey
    build_id: str
    workbook: Writer


def _release(
    state: State,
    connection: duckdb.DuckDBPyConnection,
    checks: Checks,
    recipient: str | None,
    agreement: str | None,
    dry_run: bool,
    after_recall: str | None,
) -> list[Outcome]:
    checks.gate(state, connection)
    keyring = Keyring(state.keys)
    if not dry_run:
        signing.publish_public_key(state, keyring)
    public_key = signing.private_key(keyring).public_key()
    known = lifecycle.known_register(state, public_key)
    orders = [o for o in pack.read_orders(connection) if o.flow != pack.CONTROLLED]
    rules.check(connection, [order.facts["data_cut"] for order in orders if order.allowed])
    chosen = [
        order
        for order in orders
        if recipient in (None, order.recipient) and agreement in (None, order.agreement)
    ]
    if not chosen:
        raise SafeHavenError(
            "No agreement fits --recipient and --agreement. Those at hand: "
            + ", ".join(f"{order.recipient}/{order.agreement}" for order in orders)
        )
    build_id = current_build_id(state)
    prepared: list[Prepared] = []
    against: dict[str, list[str]] = {}
    terms: dict[str, Terms] = {}
    for order in orders:
        against[order.agreement] = lifecycle.refusals(order, known, keyring.destroyed())
        if not against[order.agreement]:
            terms[order.agreement] = pack.read_terms(connection, order)
    workbooks = sum(item.order.flow == pack.AGGREGATE for item in terms.values())
    with writers(workbooks) as write:
        run = _Run(state, connection, keyring, known, public_key, build_id, write)
        for item in _prepare_all(run, terms):
            order = item.order
            recalled = lifecycle.recalled_data(state, keyring, known, item)
            if recalled and order.agreement == agreement and after_recall is not None:
                item.reason = after_recall
            elif recalled:
                against[order.agreement] = [recalled]
                continue
            prepared.append(item)
        _check(run, checks, prepared)
    new = [item for item in prepared if not item.unchanged and item.order in chosen]
    outcomes = [_outcome(order, prepared, against[order.agreement], dry_run) for order in chosen]
    gates = gate_counts.facts(connection, new)
    if not dry_run:
        # Before the packs, which the register will tell of: a crash loses nothing.
        tests = events.tests_ran(state, build_id) if new else []
        events.record(state, [*_refusals(outcomes, against), *tests, *gates])
    if not dry_run and new:
        _publish(state, keyring, known, new)
    return outcomes


def _abreast(work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """What `work` gives for each item, in order, several at a time; the first error is raised."""
    with ThreadPoolExecutor(WORKERS) as workers:
        return list(workers.map(work, items))


def _prepare_all(run: _Run, terms: Mapping[str, Terms]) -> Iterator[Prepared]:
    """The packs of all agreements, each with the rows that were read for it and no other."""

    def prepare(given: tuple[str, list[Table]]) -> Prepared:
        agreement, rows = given
        with run.connection.cursor() as own:
            return _prepare(replace(run, connection=own), terms[agreement], rows)

    owed = {agreement: item.fields for agreement, item in terms.items()}
    with run.connection.cursor() as reading:
        for batch in _one_ahead(content.read(reading, owed)):
            yield from _abreast(prepare, batch.items())


def _one_ahead(batches: Iterator[Item]) -> Iterator[Item]:
    """The same batches; each is read while the one before it is worked on."""
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = reader.submit(next, batches, None)
            yield batch


def _prepare(run: _Run, terms: Terms, rows: list[Table]) -> Prepared:
    order = terms.order
    before = run.known.latest(order.recipient, order.agreement)
    before_folder = None
    if before is not None:
        before_folder = run.state.releases / order.recipient / order.agreement / before.release_id
        opened, proof = verify.prove_bytes(before_folder, run.public_key)
        if opened is None or opened.manifest_sha256 != before.manifest_sha256:
            detail = proof.details[0] if proof.details else "it is another release"
            raise SafeHavenError(
                f"The current release of {order.agreement} is damaged ({detail}). "
                f"Restore {before_folder} from your backup."
            )
    earlier = run.known.of(order.recipient, order.agreement)
    folder = run.state.releases / PREPARING / order.recipient / order.agreement
    return pack.prepare(
        *(run.connection, run.keyring, terms, rows, run.build_id, folder),
        *(before, before_folder, earlier, run.workbook),
    )


def _check(run: _Run, checks: Checks, prepared: Sequence[Prepared]) -> None:
    """Everything that must hold before anything is published, over the written bytes."""
    planned = run.known.with_releases(item.entry() for item in prepared if not item.unchanged)

    def prove(item: Prepared) -> list[str]:
        evidence = verify.Evidence(
            run.public_key,
            planned,
            recipient_keys=(
                [run.keyring.key(f"recipient-{item.order.recipient}")]
                if item.order.flow == pack.RECORD_LEVEL
                else []
            ),
            audit=lambda _: [],
            workbook=run.workbook,
        )
        # The audit runs below, once, over the packs of all recipients together. A published pack
        # had its rows proved when it was cut; its bytes show that it is still the same.
        proofs = ("bytes", "chain") if item.unchanged else verify.PROOFS
        report = verify.verify_packs([item.folder], evidence)[0]
        return [
            f"{item.order.agreement}: {name}: {detail}"
            for name, proof in report.proofs.items()
            if name in proofs and proof.outcome != verify.PROVED
            for detail in proof.details
        ]

    findings = [finding for found in _abreast(prove, prepared) for finding in found]
    refuse(findings, "the proof of the prepared packs")
    refuse(checks.audit(_audited_folders(run, prepared)), "the disclosure audit")
    written = [
        path for item in prepared for path in sorted(item.folder.rglob("*")) if path.is_file()
    ]
    containers = [
        Container(
            item.folder / records.CONTAINER, run.keyring.key(f"recipient-{item.order.recipient}")
        )
        for item in prepared
        if item.order.flow == pack.RECORD_LEVEL
    ]
    refuse(checks.scan(run.connection, written, containers), "the search for identifiers")


def _audited_folders(run: _Run, prepared: Sequence[Prepared]) -> list[Path]:
    """Every aggregate pack of this cut: those prepared, and the current packs of all others."""
    aggregate = [item for item in prepared if item.order.flow == pack.AGGREGATE]
    folders = [item.folder for item in aggregate]
    cuts = {item.order.facts["data_cut"] for item in aggregate}
    done = {(item.order.recipient, item.order.agreement) for item in prepared}
    for entry in run.known.current():
        if (entry.recipient, entry.agreement) in done:
            continue
        folder = run.state.releases / entry.recipient / entry.agreement / entry.release_id
        manifest = files.parse_canonical((folder / pack.MANIFEST).read_bytes(), pack.MANIFEST)
        if manifest["flow"] == pack.AGGREGATE and manifest["data_cut"] in cuts:
            folders.append(folder)
    return folders


def _publish(state: State, keyring: Keyring, known: Register, new: Sequence[Prepared]) -> None:
    for item in new:
        _place(state, item)
    updated = known.with_releases((item.entry() for item in new), events.head(state))
    register.write(state.register, updated, signing.private_key(keyring))
    for item in new:
        files.point(
            state.releases / item.order.recipient / item.order.agreement / CURRENT, item.release_id
        )
    events.record(state)


def _place(state: State, item: Prepared) -> None:
    """Rename a finished pack into its place; a leftover there is of a run that never committed."""
    parent = state.releases / item.order.recipient / item.order.agreement
    for folder in (parent.parent, parent):
        folder.mkdir(mode=0o700, exist_ok=True)
        files.sync(folder.parent)
    files.remove(parent / item.release_id)
    files.move(item.folder, parent / item.release_id)


def _outcome(
    order: Order, prepared: Sequence[Prepared], against: Sequence[str], dry_run: bool
) -> Outcome:
    item = next((item for item in prepared if item.order is order), None)
    if item is None:
        outcome, detail = REFUSED, "; ".join(against)
    elif item.unchanged:
        outcome, detail = UNCHANGED, f"still {item.release_id}"
    else:
        outcome, detail = (WOULD_RELEASE if dry_run else RELEASED), item.release_id
    return Outcome(order.recipient, order.agreement, order.flow, outcome, detail)
