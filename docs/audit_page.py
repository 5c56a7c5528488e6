"""Writes audit.md: every view of a log, column by column."""

from __future__ import annotations

from duanju.core.log import Log
from duanju.core.query_examples import EXAMPLES
from duanju.core.schema import VIEWS
from duanju.core.view_columns import columns_of, title_of
from duanju.events.codec import Codec
from duanju.events.vocabulary import builtin_events

__all__ = ["audit_page"]

HEAD = """\
# The audit of every cent

Made by `make docs` from the code; do not edit.

The log (`.duanju/log.db`, SQLite) is the only truth. In the same file stand *views* over it: `duanju query`
asks them, `duanju serve-log` shows them in a browser, and so can any program that opens SQLite. All amounts
are whole micro-dollars (1000000 = 1 USD), and money belongs to the day (UTC) of the admission.

Views of calls and costs read the *ledger*, not the events: one row for each call and for each answer that
was used again (`ledger`), and their sums by stream, day, model and stage (`ledger_total`). Whoever appends
an event keeps both in the same transaction, so that they are never behind. They are made from the log
alone: `duanju verify` proves them, `duanju verify --rebuild` makes them anew. A log of an earlier release
has neither; they are added when it is next opened for writing, and no record is touched.

- *Nothing is counted twice.* Each record belongs to one stream, and its money too. A fork refers to what it
  shares with its source, so that a sum over all streams is what was spent.
- *Nothing unknown is counted as 0.* A call whose cost nobody knows has no cost, and stands in
  `cost_unpriced`.
- *A doubt is no cost.* What a lost answer may have cost stands in `in_doubt`, until it is settled.

`events`, `revisions` and `checks` read the events themselves: in a large log narrow them by `stream`, or
`events` by `position`, too. The others are quick at ten million events, and at once for one `episode`.

```sh
duanju query "select episode, cost / 1e6 as dollars from cost_by_episode order by cost desc"
duanju query "select * from calls where episode = 'Tea/tea'" --csv > calls.csv
duanju query --examples
```

A query can only read, also while an engine works; it ends after 30 seconds (`--limit-s`) or with Ctrl-C.

## A plugin's own views

A plugin adds views by a hook that returns names and SELECTs; each is there where its plugin is installed:

```python
@hookimpl
def duanju_views() -> dict[str, str]:
    return {"lens_costs": "SELECT subject, sum(cost) AS cost FROM cost_line WHERE stage = 'lens' GROUP BY 1"}
```

A name is of small letters, digits and `_`, and none that stands. A view can only read; one that cannot be
used is named, and the others are there.

"""

QUERIES = """\
## Questions and their queries

"""


def audit_page() -> str:
    """The page audit.md."""
    log = Log(None, Codec(builtin_events()))
    parts = [HEAD]
    for view in VIEWS:
        names = [one[0] for one in log.db.execute(f"SELECT * FROM {view} LIMIT 0").description]
        rows = "".join(f"| `{name}` | {what} |\n" for name, what in columns_of(view, names).items())
        parts.append(f"## `{view}`\n\n{title_of(view)}\n\n| column | says |\n|---|---|\n{rows}\n")
    log.close()
    parts.append(QUERIES)
    parts.extend(f"{question}\n\n```sql\n{sql}\n```\n\n" for question, sql in EXAMPLES)
    return "".join(parts).rstrip() + "\n"
