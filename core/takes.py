"""Takes: which picture of a shot is in the film, which repairs are under way, what each take was worth."""

from __future__ import annotations

from ..events.calls import ImageRequested, ImageReturned, RequestWithdrawn
from ..events.cut import CutRequested, EpisodeCut
from ..events.quality import CheckMeasured, RepairAsked
from ..events.record import Record
from ..events.scenes import TakeChosen, TakeKept
from .episode import Episode

__all__ = [
    "awaited",
    "highest_take",
    "kept",
    "newest_cut",
    "picture_in_use",
    "put_back",
    "take_in_use",
    "under_repair",
    "worth",
]

_SHOT = "shot"  # the purpose of a shot's picture


def newest_cut(episode: Episode) -> EpisodeCut | None:
    """The cut that counts: the last of the newest revision that does not answer a superseded request.

    A cut that was asked for earlier and comes late would else take the newer one's place.
    """
    asked = [one.inputs for one in episode.all(CutRequested)]
    superseded = set(asked[:-1]) - set(asked[-1:])
    current = [one for one in episode.all(EpisodeCut) if one.inputs not in superseded]
    return current[-1] if current else None


def kept(episode: Episode, shot: str) -> TakeKept | None:
    """The last word on which take is in the film, None where none was said or a later take came since."""
    found = episode.all(TakeKept, shot)
    if not found or any(one.take > found[-1].among for one in episode.all(ImageReturned, shot)):
        return None
    return found[-1]


def picture_in_use(episode: Episode, shot: str) -> ImageReturned | None:
    """The picture that is in the film: of the take that was kept, else of the highest."""
    chosen = kept(episode, shot)
    if chosen is None:
        return episode.last(ImageReturned, shot)
    found = [one for one in episode.all(ImageReturned, shot) if one.take == chosen.take]
    return found[-1] if found else None


def take_in_use(episode: Episode, shot: str) -> Record | None:
    """The record of the TakeChosen that is in the film, likewise."""
    chosen = kept(episode, shot)
    if chosen is None:
        return episode.last_record(TakeChosen, shot)
    for record in reversed(episode.records(TakeChosen, shot)):
        if record.event.revision == episode.revision and record.event.take == chosen.take:
            return record
    return None


def put_back(episode: Episode, shot: str) -> tuple[str, ...]:
    """What makes a take that left the film for a later one, and comes back, a new fact; else nothing."""
    chosen = kept(episode, shot)
    if chosen is None or all(one.take <= chosen.take for one in episode.all(TakeChosen, shot)):
        return ()
    return (f"put back after take {chosen.among}",)


def highest_take(episode: Episode, shot: str) -> int:
    """The highest take of a shot's picture that was asked for or brought; 0 where none was."""
    asked = [one.take for one in episode.all(ImageRequested, shot, _SHOT)]
    return max([*asked, *(one.take for one in episode.all(ImageReturned, shot))], default=0)


def awaited(episode: Episode) -> list[RepairAsked]:
    """The repairs of the newest revision whose new picture has not come, and may come yet."""
    return [one for one in episode.all(RepairAsked) if not _ended(one, episode) and not _came(one, episode)]


def under_repair(episode: Episode) -> list[RepairAsked]:
    """The repairs that are not in a film yet: another cut will come of them.

    A repair whose new take was no better is one until the take that is put back is in a film.
    """
    cuts = [r for r in episode.records(EpisodeCut) if r.event.revision == episode.revision]
    newest = cuts[-1] if cuts else None
    found = []
    for one in episode.all(RepairAsked):
        if _ended(one, episode):
            coming = _back_since(one.subject, newest, episode)
        else:
            coming = not _came(one, episode) or newest is None or newest.event.inputs == one.inputs
        if coming:
            found.append(one)
    return found


def _back_since(shot: str, cut: Record | None, episode: Episode) -> bool:
    """Whether a take was put back into the film after this cut."""
    words = [r for r in episode.records(TakeKept, shot) if r.event.revision == episode.revision]
    return bool(words and put_back(episode, shot) and (cut is None or words[-1].position > cut.position))


def worth(episode: Episode, shot: str) -> dict[int, float]:
    """How far each take of a shot failed, in limits of the check it failed worst: take -> 1 and up."""
    found: dict[int, float] = {}
    for one in episode.all(CheckMeasured):
        if one.subject == shot and one.verdict == "failed" and one.take:
            value, limit = one.value or 0.0, one.limit or 0.0
            found[one.take] = max(found.get(one.take, 0.0), value / limit if limit > 0 else value)
    return found


def _came(asked: RepairAsked, episode: Episode) -> bool:
    return any(one.take >= asked.take for one in episode.all(ImageReturned, asked.subject))


def _ended(asked: RepairAsked, episode: Episode) -> bool:
    """Whether a repair comes to nothing: an older take was kept, or a person dropped its request."""
    if any(one.among >= asked.take for one in episode.all(TakeKept, asked.subject)):
        return True
    withdrawn = {one.request for one in episode.all(RequestWithdrawn)}
    return any(
        record.event.take == asked.take and record.position in withdrawn
        for record in episode.records(ImageRequested, asked.subject, _SHOT)
        if record.event.revision == asked.revision
    )
