"""A fork goes on from a position of an episode, pays only for what differs, and ends as if run from zero."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from killing import BOOKKEEPING, log_faults
from stagehand import Made, Noted, Play, Step, Told, Vendor, Wanted, say, stage

from duanju.core.desk import Desk
from duanju.core.episode import Episode, Series
from duanju.core.errors import WrongUse
from duanju.core.folds import Folds
from duanju.core.fork import Forked, make_fork
from duanju.core.hooks import effect, hookimpl
from duanju.core.lineage import view
from duanju.core.replay import replay
from duanju.core.settings import Settings
from duanju.events.calls import SpeechRequested, SpeechReturned
from duanju.events.cast import CharacterCast, Profile, Voice

PROFILE = Profile("female", 30, "oval", "#fff", "bob", "#000", "#000", "slim", "suit", "#111", "#222", ())
STREAM = "episode/tea/one"


@hookimpl(specname="on_step")
def halves(event: Step) -> Iterator[Noted]:
    """Two steps reach for one once key."""
    yield Noted(event.n // 2)


@hookimpl(specname="on_step")
def casts(event: Step, episode: Episode) -> Iterator[CharacterCast | Told]:
    """An answer in two streams, the other stream's event first."""
    yield CharacterCast("tea", f"c{event.n % 3}", PROFILE, Voice("female", 0, 50, 100), "script")
    yield Told("cast", f"{event.n} of {len(episode.all(Step))} in {episode.settings.language}")


@hookimpl(specname="on_character_cast")
def greets(event: CharacterCast, series: Series) -> None:
    """Looks at the series, and says nothing."""
    assert event.character in series.cast


@hookimpl(specname="on_noted")
def asks(event: Noted, episode: Episode) -> Iterator[SpeechRequested | Wanted]:
    """As many words as there were steps."""
    yield say(f"L{event.n}", " ".join(sorted({str(s.n) for s in episode.all(Step)})))
    yield Wanted(f"w{event.n}", f"{event.n % 2}")


@hookimpl(specname="on_wanted")
@effect(lane="work", reuse=True)
def makes(event: Wanted, desk: Desk) -> Iterator[Made]:
    """Makes what is wanted."""
    yield Made(event.what, event.inputs)


@hookimpl(specname="on_speech_returned")
def hears(event: SpeechReturned, episode: Episode) -> Iterator[Told]:
    """Says whom it heard, if it is an even one."""
    if int(event.subject[1:]) % 2 == 0:
        yield Told("heard", f"{event.subject} in {episode.settings.language}")


def build(root: Path, **more: Any) -> Play:
    """The play of most of these tests."""
    plugins = {
        "halves": stage("halves", halves),
        "casts": stage("casts", casts, greets),
        "asks": stage("asks", asks),
        "makes": stage("makes", makes),
        "hears": stage("hears", hears),
        "v": Vendor("v"),
        **more,
    }
    return Play(root, plugins, routes=("v:m",), lanes={"vendor": 1, "work": 1})


def fork(play: Play, at: int, name: str = "two", source: str = STREAM, **more: Any) -> Forked:
    """A fork that may run at once."""
    return make_fork(play.log, play.plugins, play.artifacts, source, at, name, **{"run": True, **more})


def told(play: Play, stream: str) -> list[str]:
    """An episode as (kind, body) without positions and what calls and reuse leave, sorted."""
    found = []
    for record in Folds(play.log, play.artifacts.read_sha256).now(stream):
        if record.kind in BOOKKEEPING | {"episode_opened", "episode_forked"}:
            continue
        body = orjson.loads(record.body)
        drop = {*play.plugins.codec.spec(type(record.event)).positions, "bill", "reused_from"}
        found.append(f"{record.kind} { {k: v for k, v in body.items() if k not in drop} }")
    return sorted(found)


def other_words(settings: Settings) -> Settings:
    """Settings that reactions look at."""
    import attrs

    return attrs.evolve(settings, language="zh")


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    found = build(tmp_path)
    found.open(first=[Step(n) for n in range(6)])
    found.run(inline=True)
    yield found
    found.close()


def test_a_fork_at_every_position_ends_as_its_source_and_costs_nothing(play: Play) -> None:
    whole, spent, head = told(play, STREAM), play.spent(), play.log.head
    last_step = max(r.position for r in play.log.read(stream=STREAM, kind="step"))
    for at in range(last_step, head + 1):
        made = fork(play, at, f"at{at}")
        assert made.at <= at
        play.run(inline=True)
        assert told(play, made.stream) == whole, at
        assert play.spent() == spent
    assert log_faults(play.log) == []


def test_a_forks_point_moves_back_to_a_whole_answer(play: Play) -> None:
    second = [r for r in play.log.read() if r.by == "casts.casts" and r.cause is not None][2]
    assert second.stream == "series/tea", "the answer begins in the series' stream"
    made = fork(play, second.position)
    before = max(r.position for r in play.log.read(stream=STREAM) if r.position < second.position)
    assert (made.at, made.asked, made.split) == (before, second.position, "casts.casts")
    assert fork(play, second.position + 1, "three").split == ""


def test_what_it_casts_stays_in_it_and_what_stands_in_its_past_is_taken(play: Play) -> None:
    before = [r.position for r in play.log.read(stream="series/tea")]
    made = fork(play, before[0] + 1)
    play.run(inline=True)
    assert [r.position for r in play.log.read(stream="series/tea")] == before
    own = [r.event.character for r in play.log.read(stream=made.stream, kind="character_cast")]
    assert own == ["c1", "c2"], "c0 was cast before its point"
    with play.engine() as engine:
        assert list(engine.folds.now(made.stream).cast) == ["c0", "c1", "c2"]
        assert engine.folds.now(STREAM).cast == engine.folds.now(made.stream).cast


def test_open_decisions_see_the_forks_settings_and_given_ones_stay(play: Play) -> None:
    steps = [r.position for r in play.log.read(stream=STREAM, kind="step")]
    third = [r.position for r in play.log.read(stream=STREAM, kind="told")][2]
    made = fork(play, third, change=other_words)
    play.run(inline=True)
    words = [r.event.words for r in view(play.log, made.stream, kind="told") if r.event.name == "cast"]
    assert words == [f"{n} of {n + 1} in {'auto' if n < 3 else 'zh'}" for n in range(6)]
    assert [r.cause for r in play.log.read(stream=made.stream, kind="told")][:3] == steps[3:], (
        "each at its own record, in order"
    )


def test_a_fork_from_the_start_with_other_settings_is_a_run_from_zero_with_them(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    forked, fresh = build(tmp_path / "a"), build(tmp_path / "b")
    forked.open(first=[Step(n) for n in range(6)])
    forked.run(inline=True)
    made = fork(forked, 8, change=other_words)
    assert made.at == 8, "the opening and the six steps"
    forked.run(inline=True)
    fresh.settings = other_words(fresh.settings)
    fresh.open(first=[Step(n) for n in range(6)])
    fresh.run(inline=True)
    assert told(forked, made.stream) == told(fresh, STREAM)
    assert told(forked, STREAM) != told(fresh, STREAM)
    forked.close()
    fresh.close()


def test_a_fork_of_a_fork_chains_and_forks_do_not_disturb_each_other(play: Play) -> None:
    positions = [r.position for r in view(play.log, STREAM)]
    first = fork(play, positions[9], "first", change=other_words)
    play.run(inline=True)
    half = [r.position for r in view(play.log, first.stream)]
    again = fork(play, half[len(half) // 2], "again", first.stream)
    early = fork(play, positions[8], "early", first.stream)  # a point in the first one's own past
    play.run(inline=True)
    assert told(play, again.stream) == told(play, first.stream) != told(play, STREAM)
    direct = fork(play, positions[8], "direct", change=other_words)
    play.run(inline=True)
    assert told(play, early.stream) == told(play, direct.stream)
    for stream in (STREAM, first.stream, again.stream, early.stream):
        replay(play.log, play.plugins, play.artifacts, stream)
    assert log_faults(play.log) == []


@hookimpl(specname="on_noted")
def asks_otherwise(event: Noted) -> Iterator[SpeechRequested]:
    """Another decision of the same name."""
    yield say(f"L{event.n}", "something else")


asks_otherwise.__name__ = "asks"


def test_a_left_out_plugin_does_not_answer_and_a_new_one_does(play: Play) -> None:
    last_step = max(r.position for r in play.log.read(stream=STREAM, kind="step"))
    quiet = fork(play, last_step, "quiet", without=("asks",))
    play.run(inline=True)
    assert "speech_requested" not in play.kinds(quiet.stream) and "noted" in play.kinds(quiet.stream)
    chained = fork(play, last_step, "chained", quiet.stream)
    play.run(inline=True)
    assert "speech_requested" not in play.kinds(chained.stream)

    play.change(asks=stage("asks", asks_otherwise, decisions=2))
    other = fork(play, last_step, "other")
    play.run(inline=True)
    assert {r.event.text for r in play.log.read(stream=other.stream, kind="speech_requested")} == {
        "something else"
    }
    with pytest.raises(WrongUse, match="no such plugin"):
        fork(play, last_step, "nobody", without=("nobody",))


def test_a_replay_asks_what_the_fork_itself_answered(play: Play) -> None:
    third = [r.position for r in play.log.read(stream=STREAM, kind="told")][2]
    made = fork(play, third, change=other_words)
    play.run(inline=True)
    found = replay(play.log, play.plugins, play.artifacts, made.stream)
    with play.engine() as engine:
        assert found.digest == engine.folds.now(made.stream).digest()
    answered = {
        (r.cause, r.by)
        for r in play.log.read(stream=made.stream)
        if r.by.split(".")[0] in ("halves", "casts", "asks", "hears")
    }
    assert found.answers == len(answered) > 5
    assert found.reactions < replay(play.log, play.plugins, play.artifacts, STREAM).reactions + found.answers


@pytest.mark.parametrize(
    ("at", "name", "says"),
    [(10_000, "x", "the log ends"), (1, "x", "begins at position 2"), (9, "a/b", "folder"), (9, "", "name")],
)
def test_what_cannot_be_is_refused(play: Play, at: int, name: str, says: str) -> None:
    head = play.log.head
    with pytest.raises(WrongUse, match=says):
        fork(play, at, name)
    assert play.log.head == head


def test_a_name_is_taken_once(play: Play) -> None:
    fork(play, 9)
    with pytest.raises(WrongUse, match="there is a fork of that name"):
        fork(play, 10)
    with pytest.raises(WrongUse, match="there is an episode of that name"):
        fork(play, 10, "one")
