"""The one error a person is meant to read, and how it names what others have named."""

import re

PLAIN_NAME = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_ ./()+-]*")
LETTERS_SHOWN = 200


def shown(name: str) -> str:
    """A name that somebody else chose, fit for a screen, a log and a cell of a report.

    A plain one stays as it is. Any other is escaped and in quotation marks: it cannot move the
    cursor, end the line or begin a formula.
    """
    if len(name) > LETTERS_SHOWN:
        name = name[:LETTERS_SHOWN] + "…"
    return name if PLAIN_NAME.fullmatch(name) else ascii(name)


def printable(line: str) -> str:
    """A line in which nothing moves the cursor: what cannot be printed is escaped."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)


class SafeHavenError(Exception):
    """Something is in doubt and nothing goes on: says what is wrong, why, and what to do."""


class FactError(SafeHavenError):
    """What has to be said of a file is missing or wrong.

    The text is for senders too, who have no command line; `options` are for who has one.
    """

    def __init__(self, text: str, *options: str) -> None:
        """`text` names the facts as the envelope does."""
        self.options = options
        super().__init__(text)


class KeyringError(SafeHavenError):
    """A key is missing, malformed, readable by others, or not the key used before."""
