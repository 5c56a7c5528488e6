"""Decides whether the newest cut may be delivered, and holds the episode where a check says no."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from attrs import frozen

from ...core.episode import Episode, inputs_digest
from ...core.hooks import hookimpl
from ...events.cut import CutRequested, EpisodeCut
from ...events.episode import EpisodeDelivered, EpisodeHeld, EpisodeReleased, EpisodeRevised, PartClosed
from ...events.quality import CheckMeasured, CheckWaived, QualityPlanned

decisions = 1

PASSES = ("passed", "warned")
HOLD = "check:"

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
    """The join: when every planned check of the newest cut has answered, holds, releases, or delivers."""
    cut = newest_cut(episode)
    if revision != episode.revision or cut is None or episode.waits("quality"):
        return
    planned = [one for one in episode.all(QualityPlanned) if one.inputs == cut.inputs]
    if not planned:
        return
    answers = [_answer(check, cut, episode) for check in planned[-1].checks]
    if any(one.measured is None and not one.waived for one in answers):
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


def newest_cut(episode: Episode) -> EpisodeCut | None:
    """The cut that counts: the last of the newest revision that does not answer a superseded request.

    A cut that was asked for earlier and comes late would else take the newer one's place.
    """
    asked = [one.inputs for one in episode.all(CutRequested)]
    superseded = set(asked[:-1]) - set(asked[-1:])
    current = [one for one in episode.all(EpisodeCut) if one.inputs not in superseded]
    return current[-1] if current else None


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
