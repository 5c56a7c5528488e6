"""Decides whether the newest cut may be delivered, and holds the episode where a check says no."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from attrs import frozen

from ...core.episode import Episode, inputs_digest
from ...core.hooks import hookimpl
from ...core.takes import newest_cut
from ...events.calls import RequestWithdrawn
from ...events.cut import EpisodeCut
from ...events.episode import EpisodeDelivered, EpisodeHeld, EpisodeReleased, EpisodeRevised, PartClosed
from ...events.quality import CheckMeasured, CheckWaived, QualityPlanned, RepairAsked
from ...events.scenes import TakeKept
from .mending import mended, under_way

decisions = 2

PASSES = ("passed", "warned")
HOLD = "check:"
_MOST_TOLD = 5

Verdict = EpisodeDelivered | EpisodeHeld | EpisodeReleased


@hookimpl
def on_quality_planned(event: QualityPlanned, episode: Episode) -> Iterator[Verdict]:
    """Asks the join: a cut without checks is delivered at once."""
    yield from _judge(event.revision, episode)


@hookimpl
def on_check_measured(event: CheckMeasured, episode: Episode) -> Iterator[Verdict]:
    """Asks the join when a check has answered."""
    yield from _judge(event.revision, episode)


@hookimpl
def on_check_waived(event: CheckWaived, episode: Episode) -> Iterator[Verdict]:
    """Asks the join when a person lets a check pass."""
    yield from _judge(episode.revision, episode)


@hookimpl
def on_part_closed(event: PartClosed, episode: Episode) -> Iterator[Verdict]:
    """Asks the join when a part that it waited for is done."""
    yield from _judge(event.revision, episode)


@hookimpl
def on_take_kept(event: TakeKept, episode: Episode) -> Iterator[Verdict]:
    """Asks the join when a repair has come to nothing; where the last take stays, it was asked already."""
    if event.take < event.among:
        yield from _judge(event.revision, episode)


@hookimpl
def on_request_withdrawn(event: RequestWithdrawn, episode: Episode) -> Iterator[Verdict]:
    """Asks the join likewise when a person drops a repair's request."""
    yield from _judge(episode.revision, episode)


@hookimpl
def on_episode_revised(event: EpisodeRevised, episode: Episode) -> Iterator[EpisodeReleased]:
    """Releases what the checks of the older revision held: the film that they speak of is superseded."""
    for hold in sorted(episode.holds):
        if hold.startswith(HOLD):
            yield EpisodeReleased(hold, "quality", f"revision {event.revision} makes another film")


@frozen
class _Answer:
    """One planned check of the newest cut: what it measured, and whether a person lets it pass."""

    check: str
    measured: CheckMeasured | None
    waived: bool

    @property
    def passes(self) -> bool:
        return self.waived or (self.measured is not None and self.measured.verdict in PASSES)


def _judge(revision: int, episode: Episode) -> Iterator[Verdict]:
    """The join: when every planned check of the newest cut has answered, holds, releases, or delivers.

    While a repair is under way another cut will come: this one is neither held nor delivered, unless a
    person waives the check that asked for it.
    """
    cut = newest_cut(episode)
    if revision != episode.revision or cut is None or episode.waits("quality"):
        return
    planned = [one for one in episode.all(QualityPlanned) if one.inputs == cut.inputs]
    if not planned:
        return
    answers = [_answer(check, cut, episode) for check in planned[-1].checks]
    if any(one.measured is None and not one.waived for one in answers):
        return
    if under_way(episode) - {one.check for one in answers if one.waived}:
        return
    holds = episode.holds
    failing = {HOLD + one.check: one for one in answers if not one.passes}
    for hold in sorted(holds):
        if hold.startswith(HOLD) and hold not in failing:
            yield EpisodeReleased(hold, "quality", _why_released(hold, answers))
    for hold, one in sorted(failing.items()):
        if hold not in holds and one.measured is not None:
            yield _held(hold, one.measured, episode)
    if failing or episode.waits("delivery"):
        return
    yield EpisodeDelivered(
        revision=cut.revision,
        inputs=_digest(cut, answers),
        film=cut.film,
        subtitles=cut.subtitles,
        duration_ms=cut.duration_ms,
        checks=len(answers),
        not_measured=sum(
            1 for one in answers if one.measured is None or one.measured.verdict in ("skipped", "error")
        ),
    )


def _answer(check: str, cut: EpisodeCut, episode: Episode) -> _Answer:
    """What a check says about exactly these bytes; a result for another cut is no answer."""
    film = cut.film.sha256
    measured = None
    for one in reversed(episode.all(CheckMeasured, check, "episode")):
        if one.inputs == cut.inputs and one.film in ("", film):
            measured = one
            break
    waived = any(one.film == film for one in episode.every(CheckWaived, check, "episode"))
    return _Answer(check, measured, waived)


def _held(hold: str, measured: CheckMeasured, episode: Episode) -> EpisodeHeld:
    name = shlex.quote(f"{episode.series}/{episode.name}")
    if tried := _tried(measured, episode):
        return EpisodeHeld(
            hold=hold,
            why=f"{measured.check} {measured.verdict}: {measured.why}{_numbers(measured)}; {tried}",
            subject=measured.subject,
            next="look at these shots in the report; change who it is about (duanju cast set), the script or "
            f"the route and produce again; or let this film pass: duanju review waive {name} "
            f"{measured.check}@{measured.subject}",
            revision=measured.revision,
        )
    repair = (
        f"{measured.repair.rstrip('. ')}, then run duanju resume {name}; or let "
        if measured.repair
        else "Let "
    )
    return EpisodeHeld(
        hold=hold,
        why=f"{measured.check} {measured.verdict}: {measured.why}{_numbers(measured)}",
        subject=measured.subject,
        next=f"{repair}this film pass: duanju review waive {name} {measured.check}@{measured.subject}",
        revision=measured.revision,
    )


def _tried(measured: CheckMeasured, episode: Episode) -> str:
    """What the repairs that a check asked for came to, shot by shot; "" where it asked for none."""
    shots = dict.fromkeys(one.subject for one in episode.all(RepairAsked) if one.check == measured.check)
    kept = {one.shot: one for one in episode.all(TakeKept)}
    for one in episode.all(CheckMeasured):
        answer = mended(one, episode)  # what is about to be said of it
        if isinstance(answer, TakeKept):
            kept[answer.shot] = answer
    found = [f"{shot}: {kept[shot].why}" for shot in list(shots)[:_MOST_TOLD] if shot in kept]
    more = len(shots) - _MOST_TOLD
    return "; ".join(found) + (f"; and {more} more shots" if found and more > 0 else "")


def _numbers(measured: CheckMeasured) -> str:
    """` (value -12.1 LUFS, limit -15 LUFS)`: as far as the check gave numbers."""
    unit = f" {measured.unit}" if measured.unit else ""
    parts = [
        f"{word} {number:.6g}{unit}"
        for word, number in (("value", measured.value), ("limit", measured.limit))
        if number is not None
    ]
    return f" ({', '.join(parts)})" if parts else ""


def _why_released(hold: str, answers: list[_Answer]) -> str:
    check = hold[len(HOLD) :]
    for one in answers:
        if one.check == check:
            if one.waived:
                return f"{check} was waived for this film"
            return f"{check} passes on the newest cut"
    return f"{check} is not among the checks of the newest cut"


def _digest(cut: EpisodeCut, answers: list[_Answer]) -> str:
    parts = [cut.inputs, cut.film.sha256, cut.subtitles.sha256]
    for one in answers:
        said = "" if one.measured is None else one.measured.verdict
        parts.extend((one.check, said, "waived" if one.waived else ""))
    return inputs_digest(*parts)
