"""The one repair: a check that says what to make again gets a new take, twice at most; the best is kept."""

from __future__ import annotations

from collections.abc import Iterator

from ...core.episode import Episode
from ...core.hooks import hookimpl
from ...events.calls import AnswerRejected
from ...events.quality import CheckMeasured, RepairAsked
from ...events.scenes import TakeKept
from .mending import left_out, mended

decisions = 1


@hookimpl
def on_check_measured(
    event: CheckMeasured, episode: Episode
) -> Iterator[RepairAsked | TakeKept | AnswerRejected]:
    """Asks for the next take of a shot at fault; after the last one keeps the take that failed least."""
    answer = mended(event, episode)
    if answer is not None:
        yield answer
    if isinstance(answer, TakeKept):
        yield from left_out(answer, episode)
