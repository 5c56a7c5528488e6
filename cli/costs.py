"""`duanju costs`: what was spent, by model, provider, stage, episode or day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..core.errors import WrongUse
from .opening import name_of, open_studio, reading
from .options import Json, MaybeEpisode, StudioFolder
from .words import columns, document, say

if TYPE_CHECKING:
    from ..core.ledger import Sums

__all__ = ["costs"]


def costs(
    episode: MaybeEpisode = None,
    by: Annotated[
        str | None,
        typer.Option(
            metavar="model|provider|stage|episode|day", help="Default: episode; for one episode: model."
        ),
    ] = None,
    json: Json = False,
    studio: StudioFolder = None,
) -> None:
    """Show what was spent: calls, cost, money in doubt, calls of unknown cost, and answers used again."""
    from ..core.ledger import GROUPS, ledger_of

    group = by or ("episode" if episode is None else "model")
    if group not in GROUPS:
        raise WrongUse(f"--by {group}: no such grouping; there are: {', '.join(GROUPS)}")
    place = open_studio(studio)
    with reading(place) as log:
        stream = None if episode is None else place.resolve(log, episode)
        ledger = ledger_of(log, stream)
    groups, total = ledger.by(group), ledger.sums()
    if json:
        document(
            {
                "episode": None if stream is None else name_of(stream),
                "by": group,
                "unit": "micro-dollars",
                "groups": [{"name": name, **_plain(sums)} for name, sums in groups.items()],
                "total": _plain(total),
            }
        )
        return
    _table(group, groups, total)


def _plain(sums: Sums) -> dict[str, Any]:
    import attrs

    return attrs.asdict(sums)


def _table(group: str, groups: dict[str, Sums], total: Sums) -> None:
    from ..core.budget import dollars

    def row(name: str, sums: Sums) -> list[object]:
        return [
            name,
            sums.calls,
            dollars(sums.cost),
            dollars(sums.reserved),
            dollars(sums.in_doubt),
            sums.unknown,
            sums.reused,
        ]

    rows: list[list[object]] = [[group, "calls", "cost", "reserved", "in doubt", "unknown", "reused"]]
    rows += [row(name, sums) for name, sums in groups.items()]
    rows.append(row("total", total))
    columns(rows, right=range(1, 7))
    if total.unknown:
        say(f"{total.unknown} calls cost something that nobody knows; they are in no sum")
