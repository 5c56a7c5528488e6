"""What a hook changes in what it was given, nobody else sees: events, records, views, settings, desks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from attrs import frozen
from stagehand import SELF, Noted, Play, Step, Told, Vendor, hookimpl, say, stage

from duanju.core.desk import Desk
from duanju.core.episode import Episode, Series
from duanju.core.hooks import effect
from duanju.core.plugins import load_plugins
from duanju.core.replay import replay
from duanju.core.settings import Settings
from duanju.events.cast import CharacterCast
from duanju.events.episode import ReactionFailed
from duanju.events.kinds import event
from duanju.events.record import Record, Unknown


@event(home="episode", subject=("n",))
@frozen
class Mapped:
    """An event with what could be changed inside."""

    n: int
    words: dict[str, int]
    more: Any
    parts: tuple[str, ...] = ("a",)


def attack(value: Any, seen: set[int], depth: int = 0) -> None:
    """Changes whatever the public surface of a value lets it change, all the way down."""
    if id(value) in seen or depth > 12 or callable(value):
        return
    seen.add(id(value))
    if isinstance(value, dict):
        inside = list(value.values())
        for change in (
            lambda: value.clear(),
            lambda: value.update(hacked=1),
            lambda: value.pop(next(iter(value)), None),
            lambda: value.setdefault("hacked", 1),
            lambda: value.__setitem__("hacked", 1),
            lambda: value.__ior__({"hacked": 1}),
        ):
            attempt(change)
    elif isinstance(value, list):
        inside = list(value)
        attempt(lambda: value.append("hacked"))
        attempt(value.clear)
    elif isinstance(value, tuple):
        inside = list(value)
    elif isinstance(value, str | int | float | bytes | Path) or value is None:
        return
    else:
        names = [name for name in dir(value) if not name.startswith("_")]
        inside = [found for name in names if (found := look(value, name)) is not None]
        for name in names:
            attempt(lambda name=name: setattr(value, name, "hacked"))
            attempt(lambda name=name: delattr(value, name))
    for one in inside:
        attack(one, seen, depth + 1)


def attempt(change: Callable[[], Any]) -> None:
    """Tries a change; a refusal is one of these."""
    try:
        change()
    except (AttributeError, TypeError, KeyError, StopIteration):
        return


def look(value: Any, name: str) -> Any:
    """An attribute, None where it cannot be had here."""
    try:
        return getattr(value, name)
    except (AttributeError, LookupError, TypeError):
        return None


def views(episode: Episode) -> list[Any]:
    """All that an episode's public methods give out."""
    return [
        episode,
        episode.series_view,
        episode.records(Step),
        episode.records(Step, 1),
        episode.every(Mapped),
        episode.all(Step),
        episode.all(Mapped, 1),
        episode.last_record(Step),
        episode.record(episode.position),
        episode.holds,
        episode.cast,
        episode.settings,
        episode.opened,
        list(episode),
        episode.open_parts("cut"),
    ]


def shape(episode: Episode) -> list[Any]:
    """What another hook sees of the same episode."""
    return [
        episode.digest(),
        [(r.position, r.stream, r.kind, r.by, r.cause, r.body) for r in episode],
        episode.all(Step),
        episode.all(Mapped),
        [r.position for r in episode.records(Step)],
        episode.settings.to_json(),
        episode.revision,
        episode.series,
        sorted(episode.cast),
    ]


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    """A play that begins with what can be attacked."""
    made = Play(tmp_path, {"mapped": stage("mapped", events=[Mapped])})
    yield made
    made.close()


FIRST = [Step(1), Mapped(1, {"a": 1}, {"deep": [{"list": [1, 2]}]}), Step(2)]


def test_a_reaction_that_changes_all_it_can_reach_changes_nothing_that_others_see(play: Play) -> None:
    seen: list[list[Any]] = []

    @hookimpl(specname="on_step")
    def attacks(event: Step, record: Record, episode: Episode) -> None:
        done: set[int] = set()
        for one in (event, record, *views(episode)):
            attack(one, done)

    def watches(event: Step, record: Record, episode: Episode) -> Iterator[Told]:
        seen.append([attrs.asdict(event), record.position, record.kind, record.event, *shape(episode)])
        yield Told(f"{event.n}", episode.digest())

    a, z = hookimpl(specname="on_step")(_copy(watches)), hookimpl(specname="on_step")(_copy(watches))
    play.change(a=stage("a", a), m=stage("m", attacks), z=stage("z", z))
    stream = play.open(first=FIRST)
    play.run()
    assert play.all(stream, ReactionFailed) == []
    assert len(seen) == 4
    for before, after in (seen[:2], seen[2:]):
        assert before == after
    replay(play.log, play.plugins, play.artifacts, stream)


def _copy(function: Any) -> Any:
    def watches(event: Step, record: Record, episode: Episode) -> Iterator[Told]:
        return function(event, record, episode)  # type: ignore[no-any-return]

    return watches


def test_what_a_plugin_keeps_of_its_own_answer_it_cannot_change_later(play: Play) -> None:
    kept: list[Mapped] = []
    words: dict[str, int] = {"a": 1}
    deep: list[Any] = [1]

    @hookimpl
    def on_step(event: Step) -> Iterator[Mapped]:
        mine = Mapped(10 + event.n, words, {"deep": deep})
        kept.append(mine)
        yield mine

    @hookimpl
    def on_mapped(event: Mapped) -> Iterator[Noted]:
        words["b"] = 2
        deep.append(2)
        yield Noted(len(event.words) + len(event.more["deep"]))

    play.change(a=stage("a", on_step), b=stage("b", on_mapped))
    stream = play.open(first=[Step(1)])
    play.run()
    assert play.all(stream, Noted) == [Noted(2)], "what stands in the log, not what it became"


def test_a_series_view_shows_no_list_or_dict_of_its_own(play: Play) -> None:
    found: list[Any] = []

    @hookimpl
    def on_noted(event: Noted, episode: Episode) -> None:
        series: Series = episode.series_view
        for one in (series.cast, series.all(CharacterCast)):
            attack(one, set())
        found.append((series.cast, series.all(CharacterCast), series.name))

    play.change(a=stage("a", on_noted))
    play.open(first=[Noted(1), Noted(2)])
    play.run()
    assert found[0] == found[1]


def test_records_and_unknown_events_cannot_be_changed() -> None:
    row = (1, "i", "s", 1, "k", 1, "{}", None, None, "b", "t", b"d")
    record = Record(row, None, Unknown("k", {}))  # type: ignore[arg-type]
    for thing in (record, record.event):
        for name in ("position", "kind", "body", "_event", "new"):
            with pytest.raises(AttributeError, match="cannot be changed"):
                setattr(thing, name, 1)
            with pytest.raises(AttributeError):
                delattr(thing, name)
    assert (record.position, record.kind, record.event) == (1, "k", Unknown("k", {}))


def test_effects_get_a_desk_of_their_own_and_no_live_view(play: Play) -> None:
    desks: list[Desk] = []
    settings: list[bytes] = []

    @hookimpl
    @effect(lane="one")
    def on_step(event: Step, desk: Desk, record: Record, episode: Episode) -> Iterator[Told]:
        settings.append(desk.settings.to_json())
        desks.append(desk)
        attack(desk.settings, set())
        attack(record, set())
        desk.key, desk.folder, desk.deadline = "hacked", Path("/hacked"), 0.0
        desk.settings = Settings(language="zh")
        yield Told(str(event.n), str(len(episode.all(Step))))

    play.lanes["one"] = 1
    play.change(a=stage("a", on_step))
    stream = play.open(first=FIRST)
    play.run()
    assert desks[0] is not desks[1]
    assert settings[0] == settings[1] == play.settings.to_json()
    assert [told.words for told in play.all(stream, Told)] == ["2", "2"]


def test_what_one_plugin_sets_in_the_session_no_other_one_sends(play: Play) -> None:
    seen: list[tuple[str, str]] = []

    def effect_of(name: str) -> Any:
        @hookimpl
        @effect(lane="shared")
        def on_step(event: Step, desk: Desk) -> None:
            seen.append((name, str(desk.http.headers.get("Authorization"))))
            desk.http.headers["Authorization"] = name

        return stage(name, on_step)

    play.lanes["shared"] = 1
    play.change(a=effect_of("a"), b=effect_of("b"))
    play.open(first=[Step(1), Step(2)])
    play.run()
    assert sorted(set(seen)) == [("a", "None"), ("a", "a"), ("b", "None"), ("b", "b")]


def test_an_instance_sees_nothing_of_what_another_changes_in_its_table(tmp_path: Path) -> None:
    tables: list[dict[str, Any]] = []

    class Taker(Vendor):
        """Keeps its table, and spoils it."""

        def __init__(self, name: str, settings: dict[str, Any]) -> None:
            super().__init__(name)
            tables.append({"given": repr(settings)})
            settings["list"].append(1)
            settings["deep"]["a"] = 2
            settings.clear()

    settings = Settings(providers={"v": {"list": [0], "deep": {"a": 1}}})
    for _ in range(2):
        found = load_plugins(settings.providers, only="v", extra={"v": Taker})
        assert found.failures == {}
    assert [one["given"] for one in tables] == ["{'list': [0], 'deep': {'a': 1}}"] * 2
    assert settings == Settings(providers={"v": {"list": [0], "deep": {"a": 1}}})
    assert Settings.from_json(settings.to_json()) == settings
    assert SELF and say("L1").subject == "L1"
