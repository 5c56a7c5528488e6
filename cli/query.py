"""`duanju query`: any question to the log in SQL, which can read and nothing else."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..core.errors import DuanjuError, WrongUse
from ..core.words import columns, document_rows, say, shown, warn
from .interrupt import handed_to
from .opening import close, open_studio
from .options import Json, StudioFolder
from .sheet import sheet

if TYPE_CHECKING:
    from ..core.plugin_views import PluginView
    from ..core.query import Answer
    from ..core.studio import Studio

__all__ = ["plugins_views", "query"]

MOST_ROWS = 10_000  # that a table shows: its widths are known only when all are there
MOST_SECONDS = 86_400.0


def query(
    sql: Annotated[
        str | None, typer.Argument(metavar='"SELECT ..."', help="The question; docs/audit.md has the views.")
    ] = None,
    json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV instead of a table.")] = False,
    limit_s: Annotated[
        float, typer.Option("--limit-s", metavar="SECONDS", help="Give up after so long.")
    ] = 30.0,
    examples: Annotated[bool, typer.Option("--examples", help="Print questions that can be asked.")] = False,
    studio: StudioFolder = None,
) -> None:
    """Ask the log anything in SQL, over its views of events, calls, costs, checks and latency.

    It can only read, also while an engine works. Amounts are in micro-dollars.
    """
    from ..core.query import Asker

    if examples:
        _examples(json)
        return
    if sql is None or not sql.strip():
        raise WrongUse('there is no question; write one: duanju query "select * from cost_by_episode"')
    if json and as_csv:
        raise WrongUse("--json and --csv: choose one")
    if not 0 < limit_s <= MOST_SECONDS:
        raise WrongUse(f"--limit-s {limit_s:g}: it must be more than 0 and at most {MOST_SECONDS:g}")
    place = open_studio(studio)
    if not place.has_log():
        raise WrongUse(f"{place.root} has no log yet; make an episode first: duanju produce SCRIPT")
    with Asker(place.log_path, lambda: plugins_views(place)) as asker, handed_to(asker.stop):
        try:
            answer = asker.ask(sql, limit_s)
        finally:
            for name, why in asker.refused.items():
                warn(f"duanju: the view {name} of a plugin is left out: {why}")
        if json:
            document_rows(dict(zip(answer.columns, map(_plain, row), strict=True)) for row in answer.rows)
        elif as_csv:
            sheet(chain([answer.columns], answer.rows))
        else:
            _table(answer)


def plugins_views(place: Studio) -> tuple[PluginView, ...]:
    """The views that the studio's plugins add; what is wrong with them is told, and stops nothing."""
    from ..core.plugin_views import plugin_views

    try:
        plugins = place.plugins()
    except DuanjuError as error:
        warn(f"duanju: the plugins' own views are left out: {error}")
        return ()
    views, failures = plugin_views(plugins)
    close(plugins)
    for name, why in failures.items():
        warn(f"duanju: the views of the plugin {name} are left out: {why}")
    return views


def _examples(json: bool) -> None:
    from ..core.query_examples import EXAMPLES

    if json:
        document_rows({"question": question, "sql": sql} for question, sql in EXAMPLES)
        return
    for question, sql in EXAMPLES:
        say(f"# {question}")
        say(f'duanju query "{sql}"')
        say()


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else value


def _text(value: Any) -> str:
    return "" if value is None else shown(_plain(value))


def _table(answer: Answer) -> None:
    rows: list[list[str]] = [list(map(shown, answer.columns))]
    numbers = [True] * len(answer.columns)
    for row in answer.rows:
        if len(rows) > MOST_ROWS:
            warn(f"only the first {MOST_ROWS} rows are shown; add a LIMIT, or take --csv or --json for all")
            break
        numbers = [
            is_number and not isinstance(v, str | bytes) for is_number, v in zip(numbers, row, strict=True)
        ]
        rows.append([_text(value) for value in row])
    columns(rows, right=[i for i, is_number in enumerate(numbers) if is_number and len(rows) > 1])
