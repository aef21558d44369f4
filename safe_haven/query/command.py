"""`safe-haven sql`, `status` and `reconcile`: read the zone files, change nothing."""

from __future__ import annotations

import csv
import hashlib
import sys
from collections.abc import Callable, Sequence

import click
import duckdb

from safe_haven.errors import SafeHavenError
from safe_haven.load.contract import ENVELOPE, contracts
from safe_haven.load.landing import read_submissions
from safe_haven.paths import State
from safe_haven.release import events
from safe_haven.staff import grant
from safe_haven.zones import WHAT_BUILDS, open_read_only

QUERIES = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)

RECONCILIATION = """
    select
        layout,
        feed,
        sum(received)::bigint as received,
        sum(test_dropped)::bigint as test_dropped,
        sum(after_cut)::bigint as after_cut,
        sum(rejected)::bigint as refused,
        sum(refused_type_1)::bigint as refused_type_1,
        sum(superseded)::bigint as superseded,
        sum(deleted)::bigint as deleted,
        sum(delete_requests)::bigint as deletions,
        sum(replaced_by_bulk)::bigint as replaced_by_bulk,
        sum(accepted)::bigint as accepted,
        sum(handed_over)::bigint as handed_over,
        sum(repeated)::bigint as repeated,
        sum(unexplained)::bigint as unexplained
    from pseudonymised.handover.hnd_reconciliation
    group by layout, feed
    order by layout, feed
"""

REFUSALS = """
    select
        reconciliation.layout,
        quality.feed,
        quality.column_name,
        quality.rule,
        quality.severity,
        sum(quality.row_count)::bigint as rows
    from pseudonymised.handover.hnd_quality as quality
    inner join pseudonymised.handover.hnd_reconciliation as reconciliation
        using (feed, submission_id)
    group by all
    order by all
"""

REFERENCE = """
    select
        reference_list as list,
        origin,
        coalesce(vintage, '') as vintage,
        row_count as rows,
        source
    from pseudonymised.core.dim_reference_list
    order by reference_list
"""

UNUSED_FILES = """
    select
        reference_list as list,
        file_name as file,
        layout,
        vintage::varchar as vintage,
        row_count as rows,
        refused_row_count as refused,
        reason_not_used as reason
    from pseudonymised.handover.hnd_reference_file
    where not is_in_use
    order by reference_list, vintage desc, submission_id
"""


def as_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Rows as aligned text columns; numbers to the right."""
    text = [["" if value is None else str(value) for value in row] for row in rows]
    widths = [max(len(line[i]) for line in [list(header), *text]) for i in range(len(header))]
    numeric = [all(isinstance(row[i], int | None) for row in rows) for i in range(len(header))]

    def line(cells: Sequence[str]) -> str:
        pairs = zip(cells, widths, numeric, strict=True)
        return "  ".join(c.rjust(w) if n else c.ljust(w) for c, w, n in pairs).rstrip()

    return "\n".join([line(header), line(["-" * w for w in widths]), *map(line, text)])


def rows_of(
    connection: duckdb.DuckDBPyConnection, statement: str
) -> tuple[list[str], list[tuple[object, ...]]]:
    """Column names and rows of a query."""
    result = connection.execute(statement)
    return [column[0] for column in result.description], result.fetchall()


def fetch(
    connection: duckdb.DuckDBPyConnection, statement: str
) -> tuple[list[str], list[tuple[object, ...]]]:
    """Column names and rows of a query of the project's own.

    Errors: SafeHavenError where the tables it reads were not built.
    """
    try:
        return rows_of(connection, statement)
    except duckdb.CatalogException:
        raise SafeHavenError(
            f"The tables that this reads were not built for this target. {WHAT_BUILDS}"
        ) from None


@click.command("sql")
@click.argument("statement")
@click.option("--target", default="operator", show_default=True, help="Whose warehouse to read.")
def sql_command(statement: str, target: str) -> None:
    """Run one query on the zone files, read-only, and print CSV.

    Catalogs: identifiable, pseudonymised, restricted, anonymised, aggregated. For target analyst
    only pseudonymised, the copy that was handed over, and the analyst's own scratch file. The
    audit log is told of every other query before it runs.
    """
    state = State.from_environment(target)
    is_analyst = target == grant.ANALYST
    connection = grant.open_read_only(state) if is_analyst else open_read_only(state)
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")

    def tell(tables: Sequence[str]) -> None:
        # The copy has no signing key, and its holder could stop whatever told of its use.
        if not is_analyst:
            log_query(state, statement, tables)

    header, rows = ask(connection, statement, tell)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)


def log_query(state: State, statement: str, tables: Sequence[str]) -> None:
    """Tell the audit log which tables a query reads, and its hash: its words may name a person."""
    told = {
        "target": state.target,
        "tables": [events.text(table) for table in tables],
        "query_sha256": hashlib.sha256(statement.encode()).hexdigest(),
    }
    events.note(state, [(events.QUERIED, told)])


def ask(
    connection: duckdb.DuckDBPyConnection,
    statement: str,
    tell: Callable[[Sequence[str]], None],
) -> tuple[list[str], list[tuple[object, ...]]]:
    """Column names and rows of a query that a person wrote.

    `tell` is called with the tables it reads, before it runs. Errors: SafeHavenError, which shows
    no value of a table, where it fails or is no query.
    """
    try:
        kinds = [part.type for part in connection.extract_statements(statement)]
        if len(kinds) != 1 or kinds[0] not in QUERIES:
            raise SafeHavenError("Give one query: `sql` only reads.")
        tell(sorted(connection.get_table_names(statement, qualified=True)))
        return rows_of(connection, statement)
    except duckdb.ConversionException:
        raise SafeHavenError(
            "The query failed: a value cannot be converted. Use try_cast to find such values."
        ) from None
    except duckdb.Error as error:
        raise SafeHavenError(f"The query failed: {error}") from None


@click.command("status")
@click.option("--target", default="operator", show_default=True, help="Whose warehouse to read.")
def status_command(target: str) -> None:
    """Show which reference data the last build used, as of when, what never came,
    what is overdue, and what is not yet published.

    Overdue is what was released and had to be destroyed by now under its agreement.
    """
    from safe_haven.release import lifecycle

    state = State.from_environment(target)
    connection = open_read_only(state)
    click.echo(as_table(*fetch(connection, REFERENCE)))
    header, files = fetch(connection, UNUSED_FILES)
    if files:
        click.echo("\nLoaded and not in use (a file is used whole or not at all):\n")
        click.echo(as_table(header, files))
    if never := never_received(state):
        click.echo(f"\nNever received: {', '.join(never)}")
    if late := lifecycle.overdue_text(state):
        click.echo(late)
    for line in lifecycle.unpublished(state):
        click.echo(f"\n{line}")


def never_received(state: State) -> list[str]:
    """The feeds of which no file has landed."""
    received = {submission.feed for submission in read_submissions(state)}
    return sorted(set(contracts()) - {ENVELOPE} - received)


@click.command("reconcile")
@click.option("--target", default="operator", show_default=True, help="Whose warehouse to read.")
def reconcile_command(target: str) -> None:
    """Show that rows in = rows out + rows not used, and why each was refused."""
    connection = open_read_only(State.from_environment(target))
    header, counts = fetch(connection, RECONCILIATION)
    click.echo(as_table(header, counts))
    click.echo(
        "\nRows that broke a rule (reject: refused; warn: kept, the value set to missing; "
        "note: kept as sent):\n"
    )
    click.echo(as_table(*fetch(connection, REFUSALS)))
    unexplained = sum(abs(int(row[header.index("unexplained")])) for row in counts)
    if unexplained:
        raise SafeHavenError(
            f"{unexplained} rows are not accounted for. Run ./run build again; if it stays, a "
            "landing file and its envelope disagree."
        )
