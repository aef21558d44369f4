"""kill -9 of a real process at random moments, while a reader looks on.

The moments are drawn from a seed. Half of them lie anywhere in the run; the other half after the
process showed by a sign that it began to change what readers see, which is the shorter part.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

from safe_haven.errors import SafeHavenError
from safe_haven.paths import PROJECT_ROOT

POLL_SECONDS = 0.0005
READ_EVERY_SECONDS = 0.002


@dataclass(frozen=True)
class Moment:
    """When to kill: a share of the whole run, or of what follows the sign."""

    share: float
    after_sign: bool


@dataclass(frozen=True)
class Timing:
    """Seconds that an undisturbed run took, and how many of them came after the sign."""

    whole: float
    after_sign: float


@dataclass(frozen=True)
class Victim:
    """A command, its environment, and how one sees from outside that it began to change things."""

    command: Sequence[str]
    environment: Mapping[str, str]
    sign: Callable[[], bool]

    def undisturbed(self) -> Timing:
        """Run to the end. Errors: SafeHavenError where it fails, or never gave its sign."""
        started = time.monotonic()
        process = self._start()
        seen = self._until_sign(process)
        self._ended_well(process, process.wait())
        if not seen:
            raise SafeHavenError(
                f"{self.command[0]} changed nothing, so killing it proves nothing."
            )
        return Timing(time.monotonic() - started, time.monotonic() - seen)

    def killed_at(self, moment: Moment, timing: Timing) -> bool:
        """Kill it and its children at a moment; False where it had ended before."""
        process = self._start()
        wait = moment.share * timing.whole
        if moment.after_sign:
            self._until_sign(process)
            wait = moment.share * timing.after_sign
        try:
            self._ended_well(process, process.wait(wait))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return process.wait() == -signal.SIGKILL
        return False

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            list(self.command),
            cwd=PROJECT_ROOT,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _until_sign(self, process: subprocess.Popen[bytes]) -> float | None:
        while process.poll() is None:
            if self.sign():
                return time.monotonic()
            time.sleep(POLL_SECONDS)
        return None

    def _ended_well(self, process: subprocess.Popen[bytes], code: int) -> None:
        if code != 0:
            raise SafeHavenError(f"{self.command[0]} failed by itself ({code}).")


def moments(number: int, seed: int) -> list[Moment]:
    """As many moments, by turns anywhere and after the sign; the same seed gives the same."""
    random = Random(seed)
    return [Moment(random.random(), bool(turn % 2)) for turn in range(number)]


@dataclass
class Readings:
    """What a reader saw: each state once, in the order of the first time, and what went wrong."""

    seen: list[object] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    times: int = 0


@contextmanager
def reading(read: Callable[[], object]) -> Iterator[Readings]:
    """Read again and again, beside what happens in the block, and once more after it."""
    found, done = Readings(), threading.Event()

    def once() -> None:
        found.times += 1
        try:
            state = read()
        except Exception as error:
            found.errors.append(f"{type(error).__name__}: {error}")
            return
        if state not in found.seen:
            found.seen.append(state)

    def poll() -> None:
        while not done.is_set():
            once()
            time.sleep(READ_EVERY_SECONDS)

    reader = threading.Thread(target=poll)
    reader.start()
    try:
        yield found
    finally:
        done.set()
        reader.join()
        once()
