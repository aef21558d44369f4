"""The workbook: cover, notes, dictionary and one sheet per table; the same bytes every time."""

from __future__ import annotations

import datetime
import io
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pyarrow as pa
import xlsxwriter

from safe_haven.release import tables
from safe_haven.release.render import Table

# Workbook files carry a creation time; a fixed one keeps the bytes equal.
CREATED = datetime.datetime(2024, 4, 1, tzinfo=datetime.UTC).replace(tzinfo=None)
MAX_ROWS = 1_000_000
WITHHELD = "[c]"
MANY = 8
"""So many workbooks are worth the second that other processes take to start."""
Writer = Callable[[Mapping[str, Any], Sequence[Table]], bytes]
COVER_LINES = (
    ("Recipient", "recipient_name"),
    ("Recipient code", "recipient_code"),
    ("Agreement", "agreement_id"),
    ("Agreement version", "agreement_version"),
    ("Purpose", "purpose"),
    ("Legal basis", "legal_basis"),
    ("Information level", "information_level"),
    ("First day of the data", "period_start"),
    ("Last day of the data", "period_end"),
    ("Data cut", "data_cut"),
    ("Release", "release_id"),
)
NOTES = (
    "Counts of 1 to 7 people or records are withheld, and so are further rows from which one could "
    "be worked out.",
    "Bed days are a sum: they are withheld with their row, and otherwise rounded. A sum of 1 to 7 "
    "bed days is shown, and a withheld one may follow from other rows.",
    f"A withheld figure is shown as {WITHHELD} (confidential). It is not zero.",
    "All other figures are rounded to the nearest 5, each on its own, so parts may not add up.",
    "A combination that has no row is a true zero.",
    "ALL marks a total over the column it stands in.",
    "People are counted once in each figure, so people do not add over months, providers or "
    "points of delivery.",
    "The same figures lie beside this file as CSV and Parquet, described by datapackage.json.",
    "To check this release: safe-haven verify FOLDER",
)


def sheet_name(table: str) -> str:
    """The sheet of a table: its name without `mart_`, at most 31 characters as Excel allows."""
    return table.removeprefix("mart_")[:31]


def workbook(header: Mapping[str, Any], content: Sequence[Table]) -> bytes:
    """The bytes of workbook.xlsx. `header` holds the manifest's facts shown on the cover."""
    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": "Safe haven release", "created": CREATED})
        bold = book.add_format({"bold": True, "font_size": 14})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        number = book.add_format({"num_format": "#,##0"})
        right = book.add_format({"align": "right"})
        _cover(book, header, content, bold, wrapped)
        _notes(book, content, bold, wrapped)
        _dictionary(book, content, wrapped)
        for position, table in enumerate(content, start=1):
            if table.rows.num_rows <= MAX_ROWS:
                _table(book, table, position, number, right)
    return buffer.getvalue()


@contextmanager
def writers(workbooks: int) -> Iterator[Writer]:
    """How to write that many workbooks: many, in a process per core, since threads take turns."""
    if workbooks < MANY:
        yield workbook
        return
    with ProcessPoolExecutor(
        os.cpu_count(), multiprocessing.get_context("forkserver"), _end_with_parent
    ) as processes:
        yield lambda header, content: processes.submit(
            workbook, dict(header), [_apart(table) for table in content]
        ).result()


def _apart(table: Table) -> Table:
    """The table with rows of its own: a slice is sent with all that it is a slice of."""
    return replace(table, rows=table.rows.take(pa.array(range(table.rows.num_rows))))


def _end_with_parent() -> None:
    """A parent that is killed tells its workers nothing: they would wait for work for ever."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def follow() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def _cover(book: Any, header: Mapping[str, Any], content: Sequence[Table], *formats: Any) -> None:
    sheet = book.add_worksheet("Cover")
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 90)
    sheet.write_string(0, 0, "Safe haven release", formats[0])
    row = 1
    for label, key in COVER_LINES:
        sheet.write_string(row, 0, label)
        sheet.write_string(row, 1, str(header[key]), formats[1])
        row += 1
    for table in content:
        sheet.write_string(row, 0, f"Rows in {sheet_name(table.name)}")
        sheet.write_number(row, 1, table.rows.num_rows)
        row += 1


def _notes(book: Any, content: Sequence[Table], *formats: Any) -> None:
    sheet = book.add_worksheet("Notes")
    sheet.set_column(0, 0, 110)
    sheet.write_string(0, 0, "Notes", formats[0])
    lines = list(NOTES)
    for table in content:
        if table.rows.num_rows > MAX_ROWS:
            lines.append(
                f"{table.name} has more rows than a sheet can hold: use data/{table.name}.csv."
            )
    for row, line in enumerate(lines, start=1):
        sheet.write_string(row, 0, line, formats[1])


def _dictionary(book: Any, content: Sequence[Table], wrapped: Any) -> None:
    sheet = book.add_worksheet("Dictionary")
    sheet.set_column(0, 2, 28)
    sheet.set_column(3, 3, 90)
    rows = [
        (table.name, field.name, field.type, field.description)
        for table in content
        for field in table.fields
    ]
    headings = ("table", "field", "type", "description")
    _excel_table(sheet, "dictionary", headings, len(rows))
    for row, values in enumerate(rows, start=1):
        for column, value in enumerate(values):
            sheet.write_string(row, column, value, wrapped)


def _table(book: Any, table: Table, position: int, number: Any, right: Any) -> None:
    sheet = book.add_worksheet(sheet_name(table.name))
    names = [field.name for field in table.fields]
    sheet.set_column(0, len(names) - 1, 16)
    sheet.freeze_panes(1, 0)
    _excel_table(sheet, f"data_{position}", names, table.rows.num_rows)
    status = tables.status_column(table.name)
    measures = set(tables.measure_columns(table.name))
    withheld = (
        [value == "withheld" for value in table.rows[status].to_pylist()]
        if status in names
        else [False] * table.rows.num_rows
    )
    for column, name in enumerate(names):
        for row, value in enumerate(table.rows[name].to_pylist(), start=1):
            if value is None and name in measures and withheld[row - 1]:
                sheet.write_string(row, column, WITHHELD, right)
            elif value is None:
                continue
            elif isinstance(value, bool):
                sheet.write_boolean(row, column, value)
            elif isinstance(value, int | float):
                sheet.write_number(row, column, value, number if name in measures else None)
            else:
                sheet.write_string(row, column, str(value))


def _excel_table(sheet: Any, name: str, headings: Sequence[str], rows: int) -> None:
    """A real Excel table with filters; Excel allows none without rows, so then only headings."""
    if rows == 0:
        for column, heading in enumerate(headings):
            sheet.write_string(0, column, heading)
        return
    sheet.add_table(
        0,
        0,
        rows,
        len(headings) - 1,
        {
            "name": name,
            "style": "Table Style Light 9",
            "columns": [{"header": heading} for heading in headings],
        },
    )
