"""Say that work goes on while it prints nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click

SECONDS = 5.0


@contextmanager
def heartbeat(name: str) -> Iterator[None]:
    """Print the name and the seconds gone by to standard error, every SECONDS, until the end."""
    started = time.monotonic()
    done = threading.Event()

    def beat() -> None:
        while not done.wait(SECONDS):
            click.echo(f"  … {name}: {time.monotonic() - started:.0f} s", err=True)

    beating = threading.Thread(target=beat, daemon=True)
    beating.start()
    try:
        yield
    finally:
        done.set()
        beating.join()
