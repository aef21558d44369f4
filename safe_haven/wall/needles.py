"""What a scan looks for, and how it tells a leak from a coincidence.

Two kinds of needle. *Numbers*: every NHS number of the identifiable zone, searched as ten digits in
any of the forms below. *Texts*: the other identifying values of the canaries (people planted in
simulated data), searched as they are.

Coincidences. A random run of ten digits is one of 20,000 numbers once in 500,000, so digits that
stand in UUIDs, hashes, decimal fractions and very long numbers are held to stricter rules (see
`Numbers.stands_in_noise`); everywhere else a number counts even inside a longer run of digits,
since local identifiers are often built around it.
"""

from __future__ import annotations

import base64
import re
import string
from collections.abc import Callable, Collection, Iterator

import numpy as np

DIGITS = 10
SYNTHETIC = "999"
# Longer runs of digits are hashes and sums; identifiers of the field have at most 20 digits.
LONG_RUN = 20
MIN_ENCODED = 7
MIN_TEXT = 6
MAX_PREFIXES = 40
# How far around a hit an encoded number can reach: ten digits of seven bytes (`&#x39;`).
REACH = 80

UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.I)
HEX = frozenset(f"{string.hexdigits}-".encode())
WORD = frozenset(f"{string.digits}{string.ascii_letters}_".encode())
DIGIT = frozenset(string.digits.encode())
DIGIT_BYTES = frozenset(bytes([digit]) for digit in DIGIT)

# 3-3-4, the way a number is printed (4-3-3 backwards), or every digit set apart in one way.
SPACE = rb"(?:[ \t.\-/]|\xc2\xa0|\xa0|&nbsp;)"
SPACED = re.compile(
    rb"(?<![\d.])\d{3}" + SPACE + rb"\d{3}" + SPACE + rb"\d{4}(?!\d)"
    rb"|(?<![\d.])\d{4}" + SPACE + rb"\d{3}" + SPACE + rb"\d{3}(?!\d)"
    rb"|(?<![\d.])\d(?:[ \t]\d){9}(?![ \t]?\d)|(?<![\d.])\d(?:[-.]\d){9}(?![-.]?\d)"
)
HEXED = re.compile(rb"(?:(?:\\u00|\\x|0x|%|&#x)?3\d(?:[ :,;\-])?){10}", re.I)
ENTITIES = re.compile(rb"(?:&#(?:4[89]|5[0-7]);){10}")
# base64 of ASCII digits, by how many bytes of the first group come before the number.
GROUP = rb"[MNO][DTjz][AEIMQUYcgk][wxyz0-5]"
BASE64 = (
    re.compile(GROUP * 3 + rb"[MNO][A-Za-z0-9+/_\-]"),
    re.compile(
        rb"[A-Za-z0-9+/_\-][DTjz][AEIMQUYcgk][wxyz0-5]"
        + GROUP * 2
        + rb"[MNO][DTjz][A-Za-z0-9+/_\-]"
    ),
    re.compile(rb"[A-Za-z0-9+/_\-]{2}[AEIMQUYcgkosw048][wxyz0-5]" + GROUP * 3),
)


def is_valid_nhs_number(number: str) -> bool:
    """Whether ten digits pass modulus 11 (NHS Data Dictionary, NHS NUMBER)."""
    total = sum(int(digit) * (10 - place) for place, digit in enumerate(number[:9]))
    return (11 - total % 11) % 11 == int(number[9])


class Literals:
    """A search for many literals of four bytes or more: numpy finds starts, Python compares."""

    def __init__(self, literals: dict[bytes, str]) -> None:
        """`literals`: what to search for, with the form that a find is reported as."""
        self.by_start: dict[bytes, list[tuple[bytes, str]]] = {}
        self.first = np.zeros(1 << 16, dtype=bool)
        self.second = np.zeros(1 << 16, dtype=bool)
        for literal, form in literals.items():
            self.by_start.setdefault(literal[:4], []).append((literal, form))
            self.first[int.from_bytes(literal[:2], "little")] = True
            self.second[int.from_bytes(literal[2:4], "little")] = True

    def search(self, data: bytes) -> Iterator[tuple[int, str]]:
        """(position, form) of every literal in `data`."""
        for shift in (0, 1):
            count = (len(data) - shift) // 2
            if not self.by_start or count < 2:
                continue
            pairs = np.frombuffer(data, dtype="<u2", count=count, offset=shift)
            starts = np.flatnonzero(self.first[pairs[:-1]])
            starts = starts[self.second[pairs[starts + 1]]]
            for start in (starts * 2 + shift).tolist():
                for literal, form in self.by_start.get(data[start : start + 4], ()):
                    if data.startswith(literal, start):
                        yield start, form


class Numbers:
    """NHS numbers, and a search for them in bytes."""

    def __init__(self, numbers: Collection[str], published: Collection[str] = ()) -> None:
        """`numbers` must not be found; `published` stand in this project's own public text."""
        self.numbers = frozenset(numbers) - frozenset(published)
        self.published = frozenset(published)
        prefixes = sorted({number[:3] for number in self.numbers} | {SYNTHETIC})
        both = sorted({*prefixes, *(prefix[::-1] for prefix in prefixes)})
        # With few prefixes the search is for fixed text, which is many times faster.
        self.start = re.compile("|".join(both).encode() if len(both) <= MAX_PREFIXES else rb"\d{3}")
        self.encoded = Literals(dict(_encoded_starts(both)))
        self.values = np.array(sorted(int(number) for number in self.numbers), dtype=np.int64)

    def is_needle(self, digits: str) -> bool:
        """Whether the digits, or the digits reversed, are one of the numbers."""
        return digits in self.numbers or digits[::-1] in self.numbers

    def is_synthetic(self, digits: str) -> bool:
        """Whether ten digits standing alone are a valid number of the never-issued 999 range."""
        return (
            digits.startswith(SYNTHETIC)
            and digits not in self.published
            and is_valid_nhs_number(digits)
        )

    def search(self, data: bytes) -> Iterator[str]:
        """The forms in which a number occurs in `data`, one per occurrence."""
        yield from self._printed(data)
        yield from self._encoded(data)
        if b"\x00" in data:
            yield from ("two bytes a character" for _ in self._printed(_without_nul(data)))
            yield from self._binary(data)

    def _printed(self, data: bytes) -> Iterator[str]:
        """Ten digits in a row, forwards or backwards, or set apart as 3-3-4, or in a UUID."""
        position = 0
        while (match := self.start.search(data, position)) is not None:
            start = match.start()
            position = start + 1
            yield from self._contiguous(data, start, forward=True)
            if start >= DIGITS - 3:
                yield from self._contiguous(data, start + 3 - DIGITS, forward=False)
            after, before = data[start + 3 : start + 4], data[max(start - 2, 0) : start]
            if not after.isdigit() or (before and before[:1] not in DIGIT_BYTES):
                yield from self._spaced(data, start)
            if data[start + 8 : start + 9] == b"-":
                yield from self._in_uuid(data, start)

    def _contiguous(self, data: bytes, begin: int, forward: bool) -> Iterator[str]:
        window = data[begin : begin + DIGITS]
        if len(window) != DIGITS or not window.isdigit():
            return
        digits = window.decode()
        if (digits if forward else digits[::-1]) in self.numbers:
            if not self.stands_in_noise(data, begin):
                yield "as it is" if forward else "reversed"
        elif forward and self.is_synthetic(digits) and _stands_alone(data, begin):
            yield "a valid number of the 999 range"

    def _spaced(self, data: bytes, start: int) -> Iterator[str]:
        """3-3-4 around a prefix at `start`, which is the first group or, reversed, the end."""
        region = data[max(start - 24, 0) : start + 40]
        for match in _overlapping(SPACED, region):
            begins = max(start - 24, 0) + match.start()
            ends = max(start - 24, 0) + match.end()
            digits = re.sub(rb"&nbsp;|\D", b"", match[0]).decode()
            if begins == start and digits in self.numbers:
                yield "spaced"
            elif begins == start and self.is_synthetic(digits):
                yield "a valid number of the 999 range, spaced"
            elif ends == start + 3 and digits[::-1] in self.numbers:
                yield "spaced and reversed"

    def _in_uuid(self, data: bytes, start: int) -> Iterator[str]:
        """A UUID whose first group and a half are the number."""
        token = data[start : start + 36]
        digits = (token[:8] + token[9:11]).decode("latin-1")
        if digits in self.numbers and UUID.fullmatch(token) and _is_built_uuid(token, 0):
            yield "inside a UUID"

    def _encoded(self, data: bytes) -> Iterator[str]:
        """Digit by digit, hexadecimal, HTML entities, base64: line breaks do not matter."""
        joined = data.replace(b"\r", b"").replace(b"\n", b"")
        seen: set[tuple[int, str]] = set()
        for start, form in self.encoded.search(joined):
            begin = max(start - REACH, 0)
            region = joined[begin : start + REACH]
            for place, found in DECODERS[form](region):
                if (begin + place, form) not in seen and self.is_needle(found):
                    seen.add((begin + place, form))
                    yield form

    def stands_in_noise(self, data: bytes, begin: int) -> bool:
        """Whether a match is one of the coincidences that long random digits produce.

        - in a UUID: unless at its start or end with hardly any other digits beside it (a UUID made
          of the number, not a keyed one);
        - in a hexadecimal hash of 32 or more digits;
        - in the fraction of a decimal: unless the fraction is just these ten digits;
        - in a run of more than LONG_RUN digits: unless at its start or end.
        """
        left, right = _extent(data, begin, HEX)
        token = data[left:right]
        for uuid in UUID.finditer(token):
            if left + uuid.start() <= begin and begin + DIGITS <= left + uuid.end():
                return not _is_built_uuid(uuid[0], begin - left - uuid.start())
        plain = token.replace(b"-", b"")
        if len(plain) >= 32 and not plain.isdigit():
            return True
        left, right = _extent(data, begin, DIGIT)
        if left and data[left - 1 : left] == b"." and data[left - 2 : left - 1].isdigit():
            return right - left != DIGITS
        return right - left > LONG_RUN and begin != left and begin + DIGITS != right

    def _binary(self, data: bytes) -> Iterator[str]:
        """Numbers held as 64-bit integers or floats, little-endian, at any byte."""
        if not len(self.values):
            return
        for shift in range(8):
            length = (len(data) - shift) // 8
            if length <= 0:
                return
            integers = np.frombuffer(data, dtype="<i8", count=length, offset=shift)
            yield from self._among(integers, "a 64-bit integer")
            floats = np.frombuffer(data, dtype="<f8", count=length, offset=shift)
            yield from self._among(floats, "a 64-bit float")

    def _among(self, values: np.ndarray, form: str) -> Iterator[str]:
        low, high = int(self.values[0]), int(self.values[-1])
        with np.errstate(invalid="ignore"):
            near = values[(values >= low) & (values <= high)]
        for value in near:
            if value == int(value) and f"{int(value):010d}" in self.numbers:
                yield form


def _encoded_starts(prefixes: Collection[str]) -> Iterator[tuple[bytes, str]]:
    """Four or more bytes that every encoded form of a number with one of the prefixes contains."""
    for prefix in prefixes:
        digits = [digit.encode() for digit in prefix]
        for mark in (b" ", b"\t", b"-", b"."):
            yield mark.join(digits), "digit by digit"
        codes = [b"3" + digit for digit in digits]
        for mark in (b"", b" ", b":", b",", b";", b"-", b"\\x", b"0x", b", 0x", b"%", b"\\u00"):
            yield mark.join(codes), "hexadecimal"
        yield b";&#x".join(codes), "hexadecimal"
        yield b";&#".join(b"%d" % digit[0] for digit in digits), "HTML entities"
        plain = prefix.encode()
        for neighbour in sorted(DIGIT):
            around = bytes([neighbour])
            # Which characters the prefix decides depends on its place in the group of three.
            yield base64.b64encode(plain)[:4], "base64"
            yield base64.b64encode(b"0" + plain + around * 2)[2:6], "base64"
            yield base64.b64encode(b"00" + plain + around)[3:7], "base64"
            yield base64.b64encode(around + plain + b"00")[1:5], "base64"
            yield base64.b64encode(b"0" + around + plain + b"0")[2:6], "base64"


def _overlapping(pattern: re.Pattern[bytes], data: bytes) -> Iterator[re.Match[bytes]]:
    position = 0
    while (match := pattern.search(data, position)) is not None:
        yield match
        position = match.start() + 1


def _digit_by_digit(region: bytes) -> Iterator[tuple[int, str]]:
    for match in _overlapping(SPACED, region):
        yield match.start(), re.sub(rb"\D", b"", match[0]).decode()


def _hexed(region: bytes) -> Iterator[tuple[int, str]]:
    for match in _overlapping(HEXED, region):
        yield match.start(), b"".join(re.findall(rb"3(\d)", _hex_body(match[0]))).decode()


def _entities(region: bytes) -> Iterator[tuple[int, str]]:
    for match in _overlapping(ENTITIES, region):
        yield match.start(), "".join(chr(int(code)) for code in re.findall(rb"\d+", match[0]))


def _base64(region: bytes) -> Iterator[tuple[int, str]]:
    for offset, pattern in enumerate(BASE64):
        for match in _overlapping(pattern, region):
            text = match[0].translate(bytes.maketrans(b"-_", b"+/"))
            text += b"A" * (-len(text) % 4)
            digits = base64.b64decode(text)[offset : offset + DIGITS]
            if len(digits) == DIGITS and digits.isdigit():
                yield match.start(), digits.decode()


DECODERS: dict[str, Callable[[bytes], Iterator[tuple[int, str]]]] = {
    "digit by digit": _digit_by_digit,
    "hexadecimal": _hexed,
    "HTML entities": _entities,
    "base64": _base64,
}


def _without_nul(data: bytes) -> bytes:
    return data.replace(b"\x00", b"")


def _hex_body(text: bytes) -> bytes:
    return re.sub(rb"\\u00|\\x|0x|%|&#x|[ :,;\-]", b"", text, flags=re.I)


def _extent(data: bytes, begin: int, alphabet: frozenset[int]) -> tuple[int, int]:
    """The run of `alphabet` around the ten digits at `begin`, at most 64 bytes to each side."""
    left, right = begin, begin + DIGITS
    while left > 0 and begin - left < 64 and data[left - 1] in alphabet:
        left -= 1
    while right < len(data) and right - begin < 64 + DIGITS and data[right] in alphabet:
        right += 1
    return left, right


def _stands_alone(data: bytes, begin: int) -> bool:
    before = data[begin - 1] if begin else 0
    after = data[begin + DIGITS] if begin + DIGITS < len(data) else 0
    decimal = before == ord(".") or (
        after == ord(".") and data[begin + DIGITS + 1 : begin + DIGITS + 2].isdigit()
    )
    return before not in WORD and after not in WORD and not decimal


def _is_built_uuid(uuid: bytes, begin: int) -> bool:
    """Whether the number at `begin` is at an end of the UUID and the rest is mere filling."""
    plain = uuid.replace(b"-", b"").lower()
    if begin == 0:
        rest = plain[DIGITS:]
    elif begin == len(uuid) - DIGITS:
        rest = plain[:-DIGITS]
    else:
        return False
    return len(set(rest)) <= 4


class Texts:
    """Short texts, and a search for all of them at once, whatever their case."""

    def __init__(self, texts: Collection[str]) -> None:
        """Prepare every text in every form; texts shorter than MIN_TEXT are too common to mean."""
        self.folded = Literals(dict(_folded_forms(texts)))
        self.exact = Literals(dict(_base64_forms(texts)))

    def search(self, data: bytes) -> Iterator[str]:
        """The forms in which a text occurs in `data`, one per occurrence."""
        lower = data.lower()
        yield from (form for _, form in self.folded.search(lower))
        yield from (form for _, form in self.exact.search(data))
        if b"\x00" in data:
            yield from ("two bytes a character" for _ in self.folded.search(_without_nul(lower)))


def _folded_forms(texts: Collection[str]) -> Iterator[tuple[bytes, str]]:
    for text in sorted(texts):
        plain = text.lower().encode()
        if len(plain) < MIN_TEXT:
            continue
        if len(plain) >= MIN_ENCODED:
            yield plain[::-1], "reversed"
            yield plain.hex().encode(), "hexadecimal"
            yield text.upper().encode().hex().encode(), "hexadecimal"
            yield b" ".join(plain[i : i + 1] for i in range(len(plain))), "spaced"
        yield plain, "as it is"


def _base64_forms(texts: Collection[str]) -> Iterator[tuple[bytes, str]]:
    """The characters of base64 that depend on the text alone, for its three positions."""
    for text in sorted(texts):
        for case in {text, text.lower(), text.upper()}:
            plain = case.encode()
            if len(plain) < MIN_ENCODED:
                continue
            for before in range(3):
                encoded = base64.b64encode(b"\x00" * before + plain).rstrip(b"=")
                head = (0, 2, 3)[before]
                tail = 1 if (before + len(plain)) % 3 else 0
                yield encoded[head : len(encoded) - tail], "base64"


Search = Callable[[bytes], Iterator[str]]


def searcher(needles: Collection[str], published: Collection[str] = ()) -> Search:
    """One function that yields the form of every needle in the bytes it is given."""
    numbers = Numbers([item for item in needles if _is_number(item)], published)
    texts = Texts([item for item in needles if not _is_number(item)])

    def search(data: bytes) -> Iterator[str]:
        yield from numbers.search(data)
        yield from texts.search(data)

    return search


def _is_number(needle: str) -> bool:
    return len(needle) == DIGITS and needle.isascii() and needle.isdigit()
