"""Every episode of a log is replayed, one at a time; what diverges is told field by field."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stagehand import Noted, Play, Step, Told, Vendor, say, stage

from duanju.core.compare import MOST_FIELDS, Said, changes, fields
from duanju.core.episode import Episode
from duanju.core.errors import BadLog, Diverged
from duanju.core.folds import Folds
from duanju.core.hooks import hookimpl
from duanju.core.log import Log
from duanju.core.replay import Replayed, replay, replay_all
from duanju.events.calls import SpeechRequested
from duanju.events.cast import CharacterCast, Profile, Voice
from duanju.events.episode import EpisodeHeld, EpisodeReleased


@hookimpl(specname="on_step")
def asks(event: Step, episode: Episode) -> Iterator[SpeechRequested | Told]:
    """A voice, and how many steps there were."""
    yield say(f"L{event.n}", f"words {event.n}")
    yield Told("steps", str(len(episode.all(Step))))


@hookimpl(specname="on_step")
def asks_otherwise(event: Step, episode: Episode) -> Iterator[SpeechRequested | Told | Noted]:
    """In the second episode the last step is answered otherwise."""
    other = episode.name == "two" and event.n == 1
    yield say(f"L{event.n}", "other" if other else f"words {event.n}")
    yield Noted(7) if other else Told("steps", str(len(episode.all(Step))))


asks_otherwise.__name__ = "asks"


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    found = Play(tmp_path, {"asks": stage("asks", asks), "v": Vendor("v")}, routes=("v:m",))
    for series, name in (("a", "one"), ("a", "two"), ("b", "one")):
        found.open(name, [Step(0), Step(1)], series)
    found.run()
    yield found
    found.log.close()


def every(play: Play, **more: int) -> dict[str, Replayed | Diverged]:
    """What the replay of all says, by stream."""
    return dict(replay_all(play.log, play.plugins, play.artifacts, **more))


def test_all_are_as_each_alone(play: Play) -> None:
    found = every(play)
    assert list(found) == ["episode/a/one", "episode/a/two", "episode/b/one"]
    for stream, one in found.items():
        assert one == replay(play.log, play.plugins, play.artifacts, stream)
        assert isinstance(one, Replayed) and one.answers == 2 and one.head == play.log.head_digest()
    half = every(play, upto=5)
    assert [one.records for one in half.values() if isinstance(one, Replayed)] == [3, 1, 0]


def test_it_tells_how_far_it_is(play: Play) -> None:
    told: list[tuple[str, int, int]] = []
    list(
        replay_all(
            play.log,
            play.plugins,
            play.artifacts,
            progress=lambda what, done, of: told.append((what, done, of)),
        )
    )
    ends = {what: (done, of) for what, done, of in told}
    assert list(ends) == ["a/one", "a/two", "b/one"] and all(done == of for done, of in ends.values())


def test_one_that_diverges_stops_no_other_and_is_told_field_by_field(play: Play) -> None:
    play.change(asks=stage("asks", asks_otherwise))
    found = every(play)
    assert [type(one) for one in found.values()] == [Replayed, Diverged, Replayed]
    error = found["episode/a/two"]
    assert isinstance(error, Diverged) and error.plugin == "asks.asks"
    changed, missing, added = error.changes
    assert [(f.path, f.old, f.new) for f in changed.fields] == [("text", "words 1", "other")]
    assert (missing.what, missing.kind, missing.event) == ("missing", "told", {"name": "steps", "words": "2"})
    assert (added.what, added.kind, added.event) == ("added", "noted", {"n": 7})
    assert f"position {error.position}, asks.asks" in str(error)


def test_a_broken_chain_is_refused_before_anything_is_replayed(play: Play) -> None:
    play.log.db.execute("DROP TRIGGER event_no_update")
    play.log.db.execute("UPDATE event SET at = 'x' WHERE position = 6")
    with pytest.raises(BadLog, match="position 6"):
        next(replay_all(play.log, play.plugins, play.artifacts))


# -- how two answers differ -------------------------------------------------------------------------------

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab", max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("xyz", max_size=1), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(old=PLAIN, new=PLAIN)
def test_fields_are_told_exactly_where_two_bodies_differ(old: object, new: object) -> None:
    found = fields(old, new)
    assert bool(found) == (repr(old) != repr(new)) or _only_absent(old, new)
    assert all(repr(one.old) != repr(one.new) for one in found)
    assert [(one.path, one.new, one.old) for one in fields(new, old)] or not found


def _only_absent(old: object, new: object) -> bool:
    """A field that is null and one that is not there read the same; an order of keys is no difference."""
    if isinstance(old, dict) and isinstance(new, dict):
        return all(_only_absent(old.get(name), new.get(name)) for name in {*old, *new})
    if isinstance(old, list) and isinstance(new, list):
        longest = range(max(len(old), len(new)))
        return all(
            _only_absent(old[i] if i < len(old) else None, new[i] if i < len(new) else None) for i in longest
        )
    return repr(old) == repr(new)


def test_only_so_many_fields_are_told() -> None:
    assert len(fields({"a": list(range(500))}, {"a": list(range(1, 501))})) == MOST_FIELDS


SAID = st.builds(
    lambda kind, n: Said("s", kind, f'{{"n":{n}}}'), st.sampled_from(["step", "told"]), st.integers(0, 2)
)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(old=st.lists(SAID, max_size=6), new=st.lists(SAID, max_size=6))
def test_changes_lead_from_one_answer_to_the_other(old: list[Said], new: list[Said]) -> None:
    found = changes(old, new)
    assert bool(found) == (old != new)
    balance = sum((one.what == "added") - (one.what == "missing") for one in found)
    assert balance == len(new) - len(old)
    assert all(one.fields for one in found if one.what == "changed" and old != new) or not found


# -- the fold is the same whatever the batching -----------------------------------------------------------

PROFILE = Profile("female", 30, "oval", "#fff", "bob", "#000", "#000", "slim", "suit", "#111", "#222", ())
STREAM = "episode/tea/one"
FACTS = st.one_of(
    st.builds(Step, st.integers(0, 3)),
    st.builds(Noted, st.integers(0, 3)),
    st.builds(Told, st.sampled_from("abc"), st.sampled_from(["x", "y"])),
    st.builds(lambda hold: EpisodeHeld(hold, "why", "", "next", 1), st.sampled_from("hk")),
    st.builds(lambda hold: EpisodeReleased(hold, "who", "why"), st.sampled_from("hk")),
    st.builds(
        lambda who: CharacterCast("tea", who, PROFILE, Voice("female", 0, 50, 100), "w"),
        st.sampled_from("mn"),
    ),
)


def state(episode: Episode) -> tuple[object, ...]:
    """What a reaction may ask of a fold."""
    return (
        episode.digest(),
        [(r.position, r.kind, r.body) for r in episode],
        sorted(episode.holds),
        sorted(episode.cast),
        [episode.last(Told, name) for name in "abc"],
        [episode.every(Step, n) for n in range(4)],
        episode.revision,
    )


@settings(max_examples=25, derandomize=True, deadline=None)
@given(
    facts=st.lists(FACTS, min_size=1, max_size=24),
    cuts=st.lists(st.integers(1, 6), min_size=1, max_size=12),
    forgets=st.lists(st.booleans(), min_size=12, max_size=12),
    at=st.integers(0, 24),
)
def test_a_fold_is_the_same_whatever_the_batching(
    tmp_path_factory: pytest.TempPathFactory,
    facts: list[object],
    cuts: list[int],
    forgets: list[bool],
    at: int,
) -> None:
    play = Play(tmp_path_factory.mktemp("batches"), {})
    play.open()
    grown = Folds(play.log, play.artifacts.read_sha256)
    grown.now(STREAM)  # in memory from here on, and extended batch by batch
    seen: dict[int, tuple[object, ...]] = {}
    left, turn = list(facts), 0
    while left:
        count = cuts[turn % len(cuts)]
        batch, left = left[:count], left[count:]
        with play.log.writing():
            for fact in batch:
                home = "series/tea" if isinstance(fact, CharacterCast) else STREAM
                record = play.log.add(home, fact, by="test")
                if record is not None:
                    grown.add(record)
        if forgets[turn % len(forgets)]:
            grown.forget(STREAM)
        grown.tidy(lambda stream: stream == STREAM)
        seen[play.log.head] = state(grown.now(STREAM))
        turn += 1
    other = Log(play.root / "log.db", play.plugins.codec, read_only=True)
    fresh = Folds(other, play.artifacts.read_sha256)
    assert state(fresh.now(STREAM)) == state(grown.now(STREAM))
    for position, then in seen.items():
        assert state(fresh.episode(STREAM, position)) == then
    assert state(fresh.episode(STREAM, at)) == state(grown.episode(STREAM, at))
    found = replay(other, play.plugins, play.artifacts, STREAM)
    carried = other.db.execute("SELECT carried FROM lease").fetchone()[0]
    assert found.digest == fresh.episode(STREAM, carried).digest()
    other.close()
    play.log.close()
