"""What a browser sees of a log: its views with their columns explained, and questions ready to be asked."""

from __future__ import annotations

import re
from typing import Any

from .query import Asker
from .query_examples import EXAMPLES
from .schema import VIEWS, made_by
from .view_columns import columns_of, title_of

__all__ = ["metadata_of"]

SHOWN_TABLES = ("event",)


def metadata_of(asker: Asker, database: str, where: str) -> dict[str, Any]:
    """Datasette's metadata of a log: titles, columns, and canned queries.

    `database`: its name there; `where`: the studio, for the page's title.
    """
    tables: dict[str, Any] = {
        name: {"hidden": True}
        for name, made in made_by().items()
        if made.startswith("CREATE TABLE") and name not in SHOWN_TABLES
    }
    tables["event"] = {"description": "The log itself: every fact, appended once and never changed."}
    for view in VIEWS:
        names = asker.columns().get(view)
        if names is not None:
            columns = {name: what.replace("`", "") for name, what in columns_of(view, names).items()}
            tables[view] = {"description": title_of(view), "columns": columns}
    queries = {
        _slug(question): {
            "title": question,
            "sql": sql,
            "description": "Amounts in the views: micro-dollars.",
        }
        for question, sql in EXAMPLES
    }
    return {
        "title": f"duanju: {where}",
        "description": "The log of a studio: what happened, what it cost, how fast and how well it went.",
        "databases": {database: {"description": "Read only.", "tables": tables, "queries": queries}},
    }


def _slug(question: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", question.lower()).strip("_")
