"""The watched folder, where no mailbox is: `var/inbox/<workflow>/<sender>/<file>`.

An envelope stands beside its file as `<file>.yml`, and is written first. What was collected moves
to `var/inbox/.landed` or `.refused`, and reports are written to `.reports`. A file that was written
to in the last seconds waits for the next run; so does one whose name begins with a dot.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from safe_haven.collect.delivery import Delivery, Record
from safe_haven.load.landing import file_sha256
from safe_haven.paths import State

QUIET_SECONDS = 5.0
ENVELOPE_SUFFIX = ".yml"


class WatchedFolder:
    """One state's inbox."""

    name = "folder"
    unready = 0

    def __init__(self, state: State) -> None:
        """Nothing is looked at yet."""
        self._inbox = state.inbox
        self._path = self._inbox

    def waiting(self) -> list[str]:
        """Files that nobody is writing to, in order of path."""
        latest = time.time() - QUIET_SECONDS
        written = {key: written_at(self._inbox / key) for key in self._files()}
        ready = [key for key, at in written.items() if at is not None and at <= latest]
        self.unready = sum(at is not None and at > latest for at in written.values())
        return ready

    def _files(self) -> Iterator[str]:
        for path in sorted(self._inbox.rglob("*")):
            key = str(path.relative_to(self._inbox))
            envelope = envelope_of(path)
            if (
                is_plain_file(path)
                # an envelope that is a link or a pipe is not opened, nor the file taken without it
                and (is_plain_file(envelope) or not os.path.lexists(envelope))
                and "/." not in f"/{key}"
                and path.suffix != ENVELOPE_SUFFIX
            ):
                yield key

    def look(self, key: str) -> Delivery:
        """The folders say who sent it as what; its id is made of its place and its content.

        A file in the wrong place has no workflow or no sender, and so is refused.
        """
        self._path = self._inbox / key
        files = [path for path in (self._path, self._envelope()) if path.exists()]
        identity = os.fsencode("\n".join([key, *map(file_sha256, files)]))
        place = key.rpartition("/")[0]
        workflow, _, sender = place.partition("/")
        return Delivery(
            delivery_id=hashlib.sha256(identity).hexdigest()[:32],
            workflow=workflow,
            sender=sender,
            answer_to=place or ".",
        )

    def fetch(self, delivery: Delivery, folder: Path) -> tuple[Path, Path | None]:
        """The file is at hand already."""
        envelope = self._envelope()
        return self._path, envelope if envelope.exists() else None

    def reply(self, record: Record, report: Path) -> None:
        """Write the report where the sender's reports are kept."""
        folder = self._inbox / ".reports" / record.answer_to
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(report, folder / report.name)

    def finish(self, delivery: Delivery, outcome: str) -> None:
        """Move the file, then its envelope, out of what waits."""
        folder = self._inbox / f".{outcome}" / delivery.answer_to / delivery.delivery_id
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path.replace(folder / self._path.name)
        if self._envelope().exists():
            self._envelope().replace(folder / self._envelope().name)

    def _envelope(self) -> Path:
        return envelope_of(self._path)


def envelope_of(path: Path) -> Path:
    """Where the envelope of a file stands, if it has one."""
    return path.with_name(path.name + ENVELOPE_SUFFIX)


def is_plain_file(path: Path) -> bool:
    """Say whether a path is a file of its own: no folder, link, pipe or device."""
    return path.is_file() and not path.is_symlink()


def written_at(path: Path) -> float | None:
    """When a file was last written to; None once it is gone."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return None
