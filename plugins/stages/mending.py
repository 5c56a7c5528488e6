"""What a failed check of a shot leads to: the next take, the take that is kept, or nothing (no plugin)."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from ...core.episode import Episode
from ...core.routing import candidates, provider_of
from ...core.takes import highest_take, newest_cut, picture_in_use, under_repair, worth
from ...events.artifact import Artifact
from ...events.calls import AnswerRejected, ImageRequested, ImageReturned
from ...events.quality import CheckMeasured, CheckWaived, RepairAsked
from ...events.scenes import TakeKept
from ...events.script import ShotPlanned
from .casting.sheets import DRAWS
from .picturing import references_of
from .planned import shots_in_order

__all__ = ["ACTIONS", "MOST", "left_out", "mended", "retaken", "under_way"]

MOST = 2
"""So often at most is a shot made again for the checks; then a person decides."""
_VIEWS = ("MCU", "CU", "MS", "TWO", "OTS", "FS")  # the shots that show who somebody is, best first
ACTIONS = ("retake",)
"""The actions that a stage answers; with any other a check that fails holds the episode at once."""


def mended(measured: CheckMeasured, episode: Episode) -> RepairAsked | TakeKept | None:
    """The answer to what a check measured of a shot: its next take, or after the last one the best of all.

    None for what is no fault, of an older film, waived, or about a take that is not the last any more.
    """
    cut, plan = newest_cut(episode), episode.last(ShotPlanned, measured.subject)
    if measured.verdict != "failed" or measured.action not in ACTIONS or plan is None or cut is None:
        return None
    if (measured.revision, measured.inputs) != (episode.revision, cut.inputs) or _waived(measured, episode):
        return None
    highest = highest_take(episode, measured.subject)
    if not measured.take or measured.take < highest:
        return None  # a later take is on its way, or was made already and was worse
    asked = len(episode.all(RepairAsked, measured.subject))
    if asked < MOST:
        return RepairAsked(
            revision=measured.revision,
            subject=measured.subject,
            check=measured.check,
            why=measured.why,
            attempt=asked + 1,
            inputs=measured.inputs,
            action=measured.action,
            tell=measured.tell,
            take=highest + 1,
        )
    takes = worth(episode, measured.subject)
    best = min(takes, key=lambda take: (takes[take], take), default=measured.take)
    others = ", ".join(f"take {take}: {takes[take]:.2f}" for take in sorted(takes))
    return TakeKept(
        revision=measured.revision,
        scene=plan.scene,
        shot=plan.shot,
        take=best,
        among=highest,
        why=f"no take passes after {asked} repairs; take {best} fails least, in limits: {others}",
    )


def retaken(asked: RepairAsked, earlier: ImageRequested, episode: Episode) -> ImageRequested:
    """The same picture once more: with what was wrong, and with pictures of who is in it."""
    references = (
        references_of(earlier.picture, episode) or earlier.inputs or _accepted(asked, earlier, episode)
    )
    traits = {**earlier.traits, "reference": "yes"} if references else earlier.traits
    return evolve(earlier, take=asked.take, note=asked.tell, inputs=references, traits=traits)


def _accepted(asked: RepairAsked, earlier: ImageRequested, episode: Episode) -> tuple[Artifact, ...]:
    """For want of a sheet: of everybody in the picture the nearest view that no check finds fault with.

    None for the painter of this machine, nor where the settings leave identity to the words.
    """
    routed = candidates(episode.settings, "image", earlier)
    if not episode.settings.cast.identity or not routed or provider_of(routed[0].route) == DRAWS:
        return ()
    faulty = {
        one.subject
        for one in episode.all(CheckMeasured)
        if one.inputs == asked.inputs and one.verdict == "failed"
    }
    found: dict[str, Artifact] = {}
    wanted = {one.character for one in earlier.picture.figures}
    shots = [one for one in shots_in_order(episode) if one.shot not in faulty and one.size in _VIEWS]
    for shot in sorted(shots, key=lambda one: (len(one.on_screen), _VIEWS.index(one.size))):
        picture = picture_in_use(episode, shot.shot)
        seen = [one.character for one in shot.on_screen if one.facing != "away"]
        if picture is not None and seen and shot.shot != asked.subject:
            for name in wanted.intersection(seen) - set(found):
                found[name] = picture.image
    return tuple(dict.fromkeys(found[name] for name in sorted(found)))


def left_out(word: TakeKept, episode: Episode) -> Iterator[AnswerRejected]:
    """The pictures of the takes that another one was kept before: paid, and of no use."""
    for record in episode.records(ImageReturned, word.shot):
        picture: ImageReturned = record.event
        if picture.revision == word.revision and word.take < picture.take <= word.among:
            yield AnswerRejected(
                request=picture.request,
                answer=record.position,
                route=picture.route,
                subject=picture.subject,
                purpose="shot",
                why=f"take {word.take} is kept: {word.why}",
                last=False,
            )


def under_way(episode: Episode) -> set[str]:
    """The checks for which another film will come, also where its repair is only about to be asked for."""
    found = {one.check for one in under_repair(episode)}
    cut = newest_cut(episode)
    for one in episode.all(CheckMeasured) if cut is not None else ():
        if cut is not None and one.inputs == cut.inputs and one.subject != "episode":
            answer = mended(one, episode)
            if isinstance(answer, RepairAsked) or (answer is not None and answer.take < answer.among):
                found.add(one.check)
    return found


def _waived(measured: CheckMeasured, episode: Episode) -> bool:
    """Whether a person lets the check pass for this film already."""
    return any(
        one.check == measured.check
        and one.film == measured.film
        and one.subject in ("episode", measured.subject)
        for one in episode.every(CheckWaived)
    )
