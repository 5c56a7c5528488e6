"""character.appearance: everybody on screen looks as the bible says, in every shot and until its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from attrs import evolve

from ...core.episode import Episode
from ...core.hooks import effect, hookimpl
from ...events.cut import CutRequested, EpisodeCut
from ...events.quality import CheckMeasured, Evidence
from ...events.script import ShotPlanned
from .apart import FACE, Apart, apart, references_of
from .onscreen import Person, people_in
from .photographed import bible_faces, photographed
from .tools import ffmpeg
from .verdict import film_of, report, unreadable

if TYPE_CHECKING:
    from ...core.desk import Desk

__all__ = ["CHECK", "on_episode_cut"]

decisions = 1
CHECK = "character.appearance"
_MOST_TOLD = 1000


@hookimpl
@effect(lane="measure-plan", doubt="repeat", reuse=False)
def on_episode_cut(event: EpisodeCut, episode: Episode, desk: Desk) -> Iterator[CheckMeasured]:
    """Compares every named face and its clothes with the bible, on four frames of every shot of the film.

    A shot at fault has a measurement of its own, which says what to make again; the last one is about the
    whole film.
    """
    from ..media.appearance import measure
    from ..media.atoms import atoms
    from ..media.errors import FilmError, MediaError
    from ..media.faces import finder, missing

    tool = ffmpeg("frames")
    film = film_of(event, desk)
    plans = [plan for plan in episode.all(CutRequested) if plan.inputs == event.inputs]
    if not plans:
        why = "the film cannot be compared: its cut is not in the log"
        yield report(event, CHECK, "skipped", value=None, limit=None, unit="distance", why=why, tool=tool)
        return
    plan, faces = plans[-1], episode.settings.faces
    try:
        people = list(people_in(plan, episode, desk.artifacts))
        looks = [look for one in people for look in one.looks]
        atoms(film)  # a film that breaks off would else be measured as far as it goes
        photos = [one for one in people if one.looks and not one.drawn and faces != "drawn"]
        absent = missing() if photos else None
        if absent is not None and faces == "photo":
            yield report(
                event, CHECK, "skipped", value=None, limit=None, unit="distance", why=str(absent), tool=tool
            )
            return
        eyes = finder() if photos and absent is None else None
        seen = list(measure(film, (plan.width, plan.height), looks, references_of(people), finder=eyes))
        if len(seen) < len(looks):
            raise FilmError("it ends before its last shot")
    except MediaError as error:
        yield unreadable(event, CHECK, "distance", error, tool)
        return
    drawn = [one for one in people if eyes is None or one not in photos]
    found = [one for one in (apart(person, seen) for person in drawn) if one is not None]
    if eyes is not None:
        sizes = {one.shot: one.size for one in episode.all(ShotPlanned)}
        found += photographed(photos, seen, bible_faces(photos, episode, desk.artifacts, eyes), sizes)
    # Where nobody said that the pictures are drawn, and no eyes find faces, a miss may be the search's.
    guessed = [] if eyes is not None else photos
    failing = [one for one in found if one.fails and one.person not in guessed]
    doubtful = [one for one in found if (one.worst > 1 or one.warns) and one not in failing]
    for shot in dict.fromkeys(one.person.shot for one in failing):
        yield _of_shot(event, [one for one in failing if one.person.shot == shot], tool)
    hint = f"; {absent}" if photos and absent is not None else ""
    yield _of_film(event, people, found, failing, doubtful, tool, hint)


def _of_shot(event: EpisodeCut, found: Sequence[Apart], tool: str) -> CheckMeasured:
    worst = max(found, key=lambda one: one.worst)
    value, limit, unit = worst.value
    measured = report(
        event,
        CHECK,
        "failed",
        value=value,
        limit=limit,
        unit=unit,
        why="; ".join(one.note for one in found),
        tool=tool,
        evidence=[_evidence(one) for one in found],
        repair="draw the shot again",
    )
    return evolve(
        measured,
        subject=worst.person.shot,
        action="retake",
        tell="; ".join(one.tell for one in found)[:_MOST_TOLD],
        take=worst.person.take,
    )


def _of_film(
    event: EpisodeCut,
    people: Sequence[Person],
    found: Sequence[Apart],
    failing: Sequence[Apart],
    doubtful: Sequence[Apart],
    tool: str,
    hint: str,
) -> CheckMeasured:
    measured = f"{len(found)} of {len(people)} appearances measured{hint}"
    value, limit, unit = None, FACE, "distance"
    verdict = "passed"
    shown = failing or doubtful
    if not found:
        why = f"nobody with a name is to be seen near enough to be told apart ({measured})"
    else:
        worst = max(shown or found, key=lambda one: one.worst)
        value, limit, unit = worst.value
        if failing:
            shots = len(dict.fromkeys(one.person.shot for one in failing))
            verdict = "failed"
            why = f"{worst.note}; {shots} {'shot' if shots == 1 else 'shots'} at fault; {measured}"
        elif doubtful:
            verdict = "warned"
            why = f"{worst.note}; {measured}"
        else:
            who = f"{worst.person.shot} {worst.person.figure.character}"
            why = f"{measured}, the farthest by {value:.2f} {unit} ({who})"
    return report(
        event,
        CHECK,
        verdict,
        value=value,
        limit=limit,
        unit=unit,
        why=why,
        tool=tool,
        evidence=[_evidence(one) for one in shown],
        repair="draw the shots named here again" if failing else "",
    )


def _evidence(one: Apart) -> Evidence:
    return Evidence(one.person.start_s, one.person.end_s, one.note)
