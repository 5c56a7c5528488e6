"""What another plugin would have decided in the past is told, with its price; nobody is called."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from stagehand import Noted, Play, Step, Told, Vendor, say, stage

from duanju.core.candidate import Candidate, candidate
from duanju.core.desk import Desk
from duanju.core.errors import WrongUse
from duanju.core.hooks import effect, hookimpl
from duanju.core.log import Log
from duanju.core.plugins import load_plugins
from duanju.core.settings import Settings
from duanju.core.whatif import WhatIf, what_if
from duanju.events.calls import SpeechRequested
from duanju.events.episode import EpisodeOpened

ONE, TWO = "episode/tea/one", "episode/tea/two"


@hookimpl
def on_episode_opened(event: EpisodeOpened) -> Iterator[Step]:
    """The facts of an episode: three steps."""
    for n in range(3):
        yield Step(n)


@hookimpl(specname="on_step")
def asks(event: Step) -> Iterator[SpeechRequested]:
    """A voice for every step."""
    yield say(f"L{event.n}", f"words {event.n}")


@hookimpl(specname="on_step")
def asks_more(event: Step) -> Iterator[SpeechRequested]:
    """Other words for the last step, none for the second."""
    if event.n != 1:
        yield say(f"L{event.n}", f"words {event.n}" if event.n == 0 else "other words")


asks_more.__name__ = "asks"


@hookimpl(specname="on_step")
def doubles(event: Step) -> Iterator[SpeechRequested]:
    """A second voice for the last step."""
    if event.n == 2:
        yield say("M2", "and more")


@hookimpl(specname="on_step")
def raises(event: Step) -> Iterator[Told]:
    """Cannot."""
    raise ValueError("not so")
    yield


@hookimpl(specname="on_step")
@effect(lane="x")
def writes(event: Step, desk: Desk) -> Iterator[Noted]:
    """Must not run."""
    raise AssertionError("an effect was run")
    yield


def pieces() -> dict[str, Any]:
    """The plugins that made the episodes."""
    return {"facts": stage("facts", on_episode_opened), "asks": stage("asks", asks), "v": Vendor("v")}


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    found = Play(tmp_path, pieces(), routes=("v:m",))
    for name in ("one", "two"):
        found.open(name)
    found.run()
    yield found
    found.close()


def trial(play: Play, **plugins: Any) -> Candidate:
    """Plugins on trial, beside those of the play."""
    extra = {**play.extra, **plugins}
    made = load_plugins(only="", extra=extra)
    assert not made.failures
    return Candidate(frozenset(plugins), made, play.plugins)


def asked(play: Play, chosen: Candidate, root: Path) -> dict[str, WhatIf]:
    """What `what_if` says, by stream; and the log is as it was."""
    before = (play.log.head_digest(), play.work())
    log = Log(play.root / "log.db", chosen.plugins.codec, read_only=True)
    try:
        found = {one.stream: one for one in what_if(log, play.artifacts, chosen, root / "scrap")}
    finally:
        log.close()
    assert (play.log.head_digest(), play.work()) == before, "something was written"
    shutil.rmtree(root / "scrap", ignore_errors=True)
    return found


def test_a_new_plugin_answers_what_it_never_answered_and_is_priced(play: Play, tmp_path: Path) -> None:
    found = asked(play, trial(play, more=stage("more", doubles)), tmp_path)
    assert sorted(found) == [ONE, TWO]
    for one in found.values():
        (decision,) = one.decisions
        assert (decision.by, decision.kind, one.asked) == ("more.doubles", "step", 3)
        assert [(c.what, c.kind, c.event["subject"]) for c in decision.changes] == [
            ("added", "speech_requested", "M2")
        ]
        assert one.cost is not None and one.no_cost == ""
        assert (one.cost.expected, one.cost.ceiling, one.cost.unknown) == (100_000, 100_000, 0)
        assert [call.subject for call in one.cost.added] == ["M2"] and one.cost.removed == ()
    assert play.plugins.plugins["v"].object.calls == ["L0", "L1", "L2"], "nobody was called for it"


def test_one_of_the_same_name_takes_the_place_of_the_recorded(play: Play, tmp_path: Path) -> None:
    one = asked(play, trial(play, asks=stage("asks", asks_more)), tmp_path)[ONE]
    assert one.asked == 3
    changes = [(d.changes[0].what, d.changes[0].event["subject"]) for d in one.decisions]
    assert changes == [("missing", "L1"), ("changed", "L2")]
    fields = [(f.path, f.old, f.new) for f in one.decisions[1].changes[0].fields]
    assert fields == [("text", "words 2", "other words")]
    assert one.cost is not None and one.cost.expected == -100_000
    assert [call.subject for call in one.cost.removed] == ["L1", "L2"], "other words are another call"
    assert [call.subject for call in one.cost.added] == ["L2"]


def test_what_it_no_longer_answers_is_missing(play: Play, tmp_path: Path) -> None:
    one = asked(play, trial(play, asks=stage("asks", doubles)), tmp_path)[ONE]
    by = {decision.by for decision in one.decisions}
    assert by == {"asks.asks", "asks.doubles"}
    assert sum(d.changes[0].what == "missing" for d in one.decisions) == 3
    assert one.cost is not None and one.cost.expected == -200_000


def test_the_same_plugin_changes_nothing(play: Play, tmp_path: Path) -> None:
    found = asked(play, trial(play, asks=stage("asks", asks)), tmp_path)
    assert all(not one.differs and one.asked == 3 and one.cost is None for one in found.values())


def test_what_raises_is_told_and_effects_are_counted_and_not_run(play: Play, tmp_path: Path) -> None:
    one = asked(play, trial(play, bad=stage("bad", raises, writes)), tmp_path)[ONE]
    assert [d.error.split(" (")[0] for d in one.decisions] == ["ValueError: not so"] * 3
    assert one.effects == {"bad.writes": 3}


def test_lost_settings_leave_the_cost_untold(play: Play, tmp_path: Path) -> None:
    record = next(play.log.read(stream=ONE, kind="episode_opened"))
    play.artifacts.place(record.event.source).unlink()
    found = asked(play, trial(play, more=stage("more", doubles)), tmp_path)[ONE]
    assert found.decisions and found.cost is None and "is missing" in found.no_cost


def test_it_is_one_episode_only_where_one_is_named(play: Play, tmp_path: Path) -> None:
    chosen = trial(play, more=stage("more", doubles))
    log = Log(play.root / "log.db", chosen.plugins.codec, read_only=True)
    found = list(what_if(log, play.artifacts, chosen, tmp_path / "scrap", only=TWO))
    log.close()
    assert [one.stream for one in found] == [TWO]


# -- where it is loaded from ------------------------------------------------------------------------------

FILE = """
from collections.abc import Iterator
from attrs import frozen
from duanju.core.hooks import hookimpl
from duanju.events.episode import EpisodeOpened
from duanju.events.kinds import event


@event(home="episode")
@frozen
class Greeted:
    words: str


def duanju_events() -> list[type]:
    return [Greeted]


@hookimpl
def on_episode_opened(event: EpisodeOpened) -> Iterator[Greeted]:
    yield Greeted(event.title)
"""


def test_a_file_is_a_plugin_with_events_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "greets.py"
    file.write_text(FILE, encoding="utf-8")
    found = candidate(Settings(), str(file))
    assert found.names == {"greets"} and "greets" not in found.without.plugins
    assert [hook.by for hook in found.hooks("episode_opened")] == ["greets.on_episode_opened"]
    assert found.plugins.codec.class_of("greeted") is not None
    other = candidate(Settings(), f"cast={file}")
    assert other.plugins.plugins["cast"].object is not other.without.plugins["cast"].object


def test_an_installed_one_counts_as_absent_before() -> None:
    found = candidate(Settings(disabled=("cut",)), "cut")
    assert "cut" in found.plugins.plugins and "cut" not in found.without.plugins
    whole = candidate(Settings(), "duanju")
    assert {"cut", "scenes", "script"} <= whole.names and whole.without.plugins == {}
    assert whole.without.by_kind.get("shot_planned", ()) == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nothing-of-that-name", "no installed plugin of that name; there are: "),
        ("gone.py", "there is no file gone.py"),
        ("empty.py", "empty answers no event"),
        ("broken.py", "its import failed: ZeroDivisionError"),
        ("core=empty.py", "is no name for a plugin"),
        ("misspelt.py", "the plugin misspelt cannot be used"),
    ],
)
def test_what_cannot_be_tried_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    hook = "from duanju.core.hooks import hookimpl\n@hookimpl\ndef on_nothing_at_all(event): ...\n"
    for name, body in (("empty", "x = 1\n"), ("broken", "1 / 0\n"), ("misspelt", hook)):
        (tmp_path / f"{name}.py").write_text(body, encoding="utf-8")
    with pytest.raises(WrongUse, match=says):
        candidate(Settings(), text)
