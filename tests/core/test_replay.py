"""A replay proves each reaction's answer, and names what changed, what lies, and what it cannot prove."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from stagehand import Noted, Play, Step, Told, Vendor, say, stage

from duanju.core.episode import Episode
from duanju.core.errors import BadLog, Diverged
from duanju.core.hooks import hookimpl
from duanju.core.replay import Replayed, replay
from duanju.events.calls import SpeechRequested, SpeechReturned
from duanju.events.cast import CharacterCast, Profile, Voice
from duanju.events.episode import EpisodeReleased

PROFILE = Profile("female", 30, "oval", "#fff", "bob", "#000", "#000", "slim", "suit", "#111", "#222", ())


@hookimpl(specname="on_step")
def halves(event: Step) -> Iterator[Noted]:
    """Two steps reach for one once key."""
    yield Noted(event.n // 2)


@hookimpl(specname="on_step")
def casts(event: Step) -> Iterator[CharacterCast | Told]:
    """An answer in two streams, the other stream's event first."""
    yield CharacterCast("tea", f"c{event.n % 3}", PROFILE, Voice("female", 0, 50, 100), "script")
    yield Told("cast", str(event.n))


@hookimpl(specname="on_noted")
def asks(event: Noted, episode: Episode) -> Iterator[SpeechRequested]:
    """As many words as there were steps."""
    yield say(f"L{event.n}", " ".join(sorted({str(s.n) for s in episode.all(Step)})))


@hookimpl(specname="on_speech_returned")
def hears(event: SpeechReturned, episode: Episode) -> Iterator[Told]:
    """Says whom it heard, if it is an even one."""
    if int(event.subject[1:]) % 2 == 0:
        yield Told("heard", f"{event.subject} of {len(episode.all(SpeechRequested))}, {len(episode.cast)}")


def build(root: Path) -> Play:
    """The play that all of these tests replay."""
    plugins = {
        "halves": stage("halves", halves),
        "casts": stage("casts", casts),
        "asks": stage("asks", asks),
        "hears": stage("hears", hears),
        "v": Vendor("v"),
    }
    return Play(root, plugins, routes=("v:m",))


STREAM = "episode/tea/one"


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    found = build(tmp_path)
    found.open(first=[Step(n) for n in range(6)])
    found.run()
    yield found
    found.close()


def again(play: Play, **more: int) -> Replayed:
    return replay(play.log, play.plugins, play.artifacts, STREAM, **more)


def test_it_runs_every_reaction_and_counts_the_answers_that_the_log_holds(play: Play) -> None:
    found = again(play)
    kinds = play.kinds(STREAM)
    assert found.reactions == 2 * 6 + kinds.count("noted") + kinds.count("speech_returned")
    effects = ("core.", "v.", "cli.")
    answers = {
        (r.cause, r.by) for r in play.log.read() if r.cause is not None and not r.by.startswith(effects)
    }
    assert found.answers == len(answers) > 10
    assert (found.failed, found.unverifiable, found.changed) == (0, {}, [])


def test_it_proves_the_state_as_a_running_engine_sees_it(play: Play) -> None:
    with play.engine() as engine:
        assert engine.folds.now(STREAM).digest() == again(play).digest
    half = again(play, upto=10)
    assert half.digest != again(play).digest and half.reactions < again(play).reactions


_FRESH = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
import test_replay
play = test_replay.build(Path(sys.argv[1]))
found = test_replay.again(play)
print(found.digest, found.head, found.reactions, found.answers)
"""


@pytest.mark.parametrize(
    "env",
    [{"PYTHONHASHSEED": "1", "TZ": "Asia/Shanghai"}, {"PYTHONHASHSEED": "77", "TZ": "America/New_York"}],
)
def test_another_process_elsewhere_proves_the_same(play: Play, tmp_path: Path, env: dict[str, str]) -> None:
    found = again(play)
    (tmp_path / "duanju.toml").write_text('[film]\nlanguage = "zh"\n[routes]\nspeech = ["other:m"]\n')
    here = str(Path(__file__).parent)
    out = subprocess.run(
        [sys.executable, "-c", _FRESH, str(tmp_path), here],
        env={**os.environ, **env, "DUANJU_BUDGET": "1", "LC_ALL": "C"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert out.stdout.split() == [found.digest, found.head, str(found.reactions), str(found.answers)]


@hookimpl(specname="on_noted")
def asks_more(event: Noted) -> Iterator[SpeechRequested]:
    """Other words than before."""
    yield say(f"L{event.n}", "other words")


asks_more.__name__ = "asks"


@hookimpl(specname="on_noted")
def asks_nothing(event: Noted) -> Iterator[SpeechRequested]:
    """Less than before."""
    yield from ()


asks_nothing.__name__ = "asks"


@hookimpl(specname="on_noted")
def asks_twice(event: Noted, episode: Episode) -> Iterator[SpeechRequested]:
    """More than before."""
    yield from asks(event, episode)
    yield say("L9", "more")


asks_twice.__name__ = "asks"


@hookimpl(specname="on_noted")
def asks_badly(event: Noted) -> Iterator[SpeechRequested]:
    """Raises now."""
    raise ValueError("bad")
    yield


asks_badly.__name__ = "asks"


@pytest.mark.parametrize("changed", [asks_more, asks_nothing, asks_twice, asks_badly])
def test_a_changed_reaction_diverges_at_the_first_position(play: Play, changed: object) -> None:
    play.change(asks=stage("asks", changed))  # type: ignore[arg-type]
    first = next(r.position for r in play.log.read(stream=STREAM, kind="noted"))
    with pytest.raises(Diverged) as error:
        again(play)
    assert (error.value.position, error.value.plugin) == (first, "asks.asks")
    assert str(first) in str(error.value)


@pytest.mark.parametrize("changed", [asks_more, asks_nothing, asks_twice, asks_badly])
def test_with_another_decisions_version_it_is_listed(play: Play, changed: object) -> None:
    play.change(asks=stage("asks", changed, decisions=2))  # type: ignore[arg-type]
    noted = [r.position for r in play.log.read(stream=STREAM, kind="noted")]
    assert [(c.position, c.by, c.then, c.now) for c in again(play).changed] == [
        (position, "asks.asks", 1, 2) for position in noted
    ]


def test_an_absent_plugins_answers_are_unverifiable(play: Play) -> None:
    whole = again(play)
    play.change(asks=None)
    found = again(play)
    assert found.unverifiable == {"asks.asks": 3}
    assert found.reactions == whole.reactions - 3 and found.digest == whole.digest


def test_a_plugin_that_came_later_is_not_asked_about_what_came_before(play: Play) -> None:
    whole = again(play)
    extra = stage("late", asks_twice)
    play.change(late=extra)
    assert again(play).reactions == whole.reactions, "it was never adopted"
    play.run()
    play.add(STREAM, Step(100))
    play.run()
    found = again(play)
    # the step's two reactions, the note's two, and one for each line that came of them
    assert found.reactions == whole.reactions + 2 + 2 + 3
    assert found.changed == []


def test_a_tampered_row_is_refused_with_its_position(play: Play, tmp_path: Path) -> None:
    position = next(r.position for r in play.log.read(stream=STREAM, kind="told"))
    stranger = sqlite3.connect(tmp_path / "log.db")
    stranger.execute("DROP TRIGGER event_no_update")
    stranger.execute("UPDATE event SET body = replace(body, 'cast', 'past') WHERE position = ?", (position,))
    stranger.commit()
    stranger.close()
    with pytest.raises(BadLog, match=f"position {position}:"):
        again(play)


@hookimpl(specname="on_step")
def fails_at_first(event: Step) -> Iterator[Noted | Told]:
    """Before it was mended."""
    raise ValueError("not yet")
    yield


@hookimpl(specname="on_step")
def mended(event: Step) -> Iterator[Noted | Told]:
    """After."""
    yield Noted(event.n // 2)
    yield Told("half", str(event.n))


fails_at_first.__name__ = mended.__name__ = "halve"


@hookimpl(specname="on_step")
def notes_later(event: Step) -> Iterator[Noted]:
    """At the second step, notes what the other should have noted at the first."""
    if event.n == 1:
        yield Noted(0)


def test_what_failed_and_what_was_answered_on_a_retry_replay_too(tmp_path: Path) -> None:
    play = Play(tmp_path, {"a": stage("a", fails_at_first), "z": stage("z", notes_later)})
    stream = play.open(first=[Step(0), Step(1), Step(2)])
    play.run()
    assert replay(play.log, play.plugins, play.artifacts, stream).failed == 3
    play.change(a=stage("a", mended))
    for position in (3, 4, 5):
        play.add(stream, EpisodeReleased(f"reaction:a.halve:{position}", "a person", "mended"))
    play.run()
    assert [t.words for t in play.all(stream, Told)] == ["0", "1", "2"]
    found = replay(play.log, play.plugins, play.artifacts, stream)
    assert (found.failed, found.changed, found.answers) == (0, [], 4)
    play.close()
