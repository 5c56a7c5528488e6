"""A cut is delivered when all its checks answer well or were waived; else the episode is held, once."""

from __future__ import annotations

from itertools import permutations
from typing import Any

from duanju.events.artifact import Artifact
from duanju.events.cut import CutRequested, EpisodeCut
from duanju.events.episode import (
    EpisodeDelivered,
    EpisodeHeld,
    EpisodeOpened,
    EpisodeReleased,
    EpisodeRevised,
    PartClosed,
    PartOpened,
)
from duanju.events.quality import CheckMeasured, CheckWaived, QualityPlanned
from duanju.plugins.stages import quality
from duanju.testing.fold import fold

NONE = Artifact("0" * 64, 0, "video/mp4")
OPENED = EpisodeOpened("tea", "teahouse", "Tea", "t.fountain", NONE, "fountain", NONE, NONE)
CHECKS = ("audio.loudness", "picture.black")


def film(name: str) -> Artifact:
    return Artifact(name.encode().hex().ljust(64, "0")[:64], 1, "video/mp4")


def cut(name: str = "one", revision: int = 1) -> EpisodeCut:
    return EpisodeCut(revision, name, film(name), film(name + " srt"), 60_000, 1500)


def planned(name: str = "one", checks: tuple[str, ...] = CHECKS, revision: int = 1) -> QualityPlanned:
    return QualityPlanned(revision, name, checks)


def measured(check: str, verdict: str = "passed", name: str = "one", revision: int = 1) -> CheckMeasured:
    return CheckMeasured(
        revision, name, check, "episode", verdict, -12.25, -15.0, "LUFS", "too loud at 0:12", (),
        "lower the gain", "tool 1", film(name).sha256,
    )  # fmt: skip


def waived(check: str, name: str = "one") -> CheckWaived:
    return CheckWaived(check, "episode", film(name).sha256, "Ann", "it is meant to be loud")


HOOKS: dict[type[Any], Any] = {
    QualityPlanned: quality.on_quality_planned,
    CheckMeasured: quality.on_check_measured,
    CheckWaived: quality.on_check_waived,
    PartClosed: quality.on_part_closed,
    EpisodeRevised: quality.on_episode_revised,
}


def run(*given: Any) -> list[Any]:
    """Carries the events in order as the engine does, answers going into the log; returns the answers."""
    log: list[Any] = []
    said: list[Any] = []
    once: set[tuple[int, str]] = set()
    for event in (OPENED, *given):
        log.append(event)
        hook = HOOKS.get(type(event))
        for answer in list(hook(event, fold(log))) if hook else []:
            if isinstance(answer, EpisodeDelivered):
                if (answer.revision, answer.inputs) in once:
                    continue
                once.add((answer.revision, answer.inputs))
            log.append(answer)
            said.append(answer)
    return said


def kinds(answers: list[Any]) -> list[str]:
    return [type(one).__name__ for one in answers]


def test_all_good_is_delivered_once_whatever_comes_first() -> None:
    for order in permutations([measured(CHECKS[0]), measured(CHECKS[1], "warned")]):
        (done,) = run(cut(), planned(), *order)
        assert isinstance(done, EpisodeDelivered)
        assert (done.film, done.subtitles, done.duration_ms) == (film("one"), film("one srt"), 60_000)
        assert (done.checks, done.not_measured) == (2, 0)


def test_nothing_is_said_before_all_have_answered() -> None:
    assert run(cut(), planned(), measured(CHECKS[0])) == []
    assert run(cut(), planned(), measured(CHECKS[0], "failed")) == []
    assert run(planned(), measured(CHECKS[0]), measured(CHECKS[1])) == []
    assert run(cut(), planned(), measured(CHECKS[0]), measured(CHECKS[1], name="other")) == []


def test_a_cut_without_checks_is_delivered() -> None:
    assert kinds(run(cut(), planned(checks=()))) == ["EpisodeDelivered"]


def test_what_is_not_passed_holds_with_the_reason_and_the_way_out() -> None:
    for verdict in ("failed", "skipped", "error"):
        (held,) = run(cut(), planned(), measured(CHECKS[0], verdict), measured(CHECKS[1]))
        assert isinstance(held, EpisodeHeld)
        assert held.hold == "check:audio.loudness" and held.subject == "episode" and held.revision == 1
        for word in ("audio.loudness", verdict, "too loud at 0:12", "-12.25 LUFS", "-15 LUFS"):
            assert word in held.why
        assert "review waive tea/teahouse audio.loudness@episode" in held.next
        assert "lower the gain" in held.next


def test_each_failing_check_has_its_own_hold_and_none_is_repeated() -> None:
    bad = [measured(check, "failed") for check in CHECKS]
    answers = run(cut(), planned(), *bad, *bad)
    assert [one.hold for one in answers] == ["check:audio.loudness", "check:picture.black"]


def test_a_waiver_for_these_bytes_releases_and_delivers() -> None:
    bad = [cut(), planned(), measured(CHECKS[0], "failed"), measured(CHECKS[1])]
    held, released, delivered = run(*bad, waived(CHECKS[0]))
    assert isinstance(released, EpisodeReleased) and released.hold == held.hold
    assert isinstance(delivered, EpisodeDelivered) and delivered.not_measured == 0
    assert kinds(run(*bad, waived(CHECKS[0], "another film"))) == ["EpisodeHeld"]
    assert kinds(run(*bad, waived(CHECKS[1]))) == ["EpisodeHeld"]


def test_a_waived_error_is_counted_as_not_measured() -> None:
    said = run(cut(), planned(), waived(CHECKS[0]), measured(CHECKS[0], "error"), measured(CHECKS[1]))
    assert said[-1].not_measured == 1


def test_a_mended_film_releases_the_hold() -> None:
    bad = [cut(), planned(), measured(CHECKS[0], "failed"), measured(CHECKS[1])]
    good = [cut("two"), planned("two"), *(measured(check, name="two") for check in CHECKS)]
    held, released, delivered = run(*bad, *good)
    assert (held.hold, released.hold) == ("check:audio.loudness", "check:audio.loudness")
    assert delivered.film == film("two")


def test_only_the_newest_cut_counts() -> None:
    late = [measured(check, "failed") for check in CHECKS]
    good = [measured(check, name="two") for check in CHECKS]
    answers = run(cut(), planned(), cut("two"), planned("two"), *late, *good, *late)
    assert kinds(answers) == ["EpisodeDelivered"] and answers[0].film == film("two")


def test_a_cut_that_comes_late_for_a_superseded_request_does_not_count() -> None:
    def asked(name: str) -> CutRequested:
        return CutRequested(1, name, "Tea", "en", 270, 480, 25, (), (), (), (), -1600, -150)

    answers = run(
        asked("one"), asked("two"), cut("two"), planned("two"), cut("one"), planned("one"),
        *(measured(check) for check in CHECKS), *(measured(check, name="two") for check in CHECKS),
    )  # fmt: skip
    assert [one.film for one in answers] == [film("two")]


def test_a_changed_result_is_delivered_again_an_equal_one_is_not() -> None:
    good = [cut(), planned(), *(measured(check) for check in CHECKS)]
    assert len(run(*good, measured(CHECKS[0]))) == 1
    assert kinds(run(*good, measured(CHECKS[0], "warned"))) == ["EpisodeDelivered"] * 2
    assert kinds(run(*good, measured(CHECKS[0], "failed"))) == ["EpisodeDelivered", "EpisodeHeld"]


def test_open_parts_are_waited_for() -> None:
    good = [cut(), planned(), *(measured(check) for check in CHECKS)]
    for join in ("quality", "delivery"):
        opened = PartOpened(join, "label", 1)
        assert run(opened, *good) == []
        assert kinds(run(opened, *good, PartClosed(join, "label", 1))) == ["EpisodeDelivered"]
        assert run(opened, *good, PartClosed("cut", "label", 1)) == []


def test_a_hold_of_a_check_that_is_gone_is_released() -> None:
    bad = [cut(), planned(), measured(CHECKS[0], "failed"), measured(CHECKS[1])]
    rest = [cut("two"), planned("two", CHECKS[1:]), measured(CHECKS[1], name="two")]
    assert kinds(run(*bad, *rest)) == ["EpisodeHeld", "EpisodeReleased", "EpisodeDelivered"]


def test_a_new_revision_is_not_held_by_the_old_film() -> None:
    bad = [cut(), planned(), measured(CHECKS[0], "failed"), measured(CHECKS[1])]
    money = EpisodeHeld("budget:episode", "no money", "", "raise it", 1)
    newer = EpisodeRevised(2, "Tea", "t.fountain", NONE, "fountain", NONE, NONE, "a new script")
    answers = run(money, *bad, newer, *(measured(check) for check in CHECKS))
    assert kinds(answers) == ["EpisodeHeld", "EpisodeReleased"]
    assert answers[1].hold == "check:audio.loudness"
