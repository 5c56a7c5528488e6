"""Loading strangers: what they do when they are looked at leaves them out, by name, with a next step."""

from __future__ import annotations

import functools
import importlib.metadata
import itertools
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from attrs import define, frozen
from stagehand import Noted, Step, Told, Vendor, stage, words

from duanju.core.desk import Desk
from duanju.core.errors import MissingExtra, WrongUse
from duanju.core.hooks import SELF, effect, hookimpl
from duanju.core.plugins import load_plugins
from duanju.core.prices import Price
from duanju.events.calls import SpeechRequested, SpeechReturned
from duanju.events.kinds import event


@pytest.fixture(autouse=True)
def a_handler_of_our_own() -> Iterator[None]:
    """SIGINT is somebody's, as it is in the command line: a KeyboardInterrupt is the plugin's own."""
    before = signal.signal(signal.SIGINT, lambda number, frame: None)
    yield
    signal.signal(signal.SIGINT, before)


@hookimpl(specname="on_step")
def good(event: Step) -> Iterator[Noted]:
    yield Noted(event.n)


@hookimpl(specname="on_step")
async def sleepy(event: Step) -> None:
    return None


@hookimpl(specname="on_step")
async def dreamy(event: Step) -> AsyncIterator[Noted]:
    yield Noted(1)


@hookimpl(specname="on_step")
@effect(lane="draw", provider="x", reuse=True)
def reused(event: Step) -> Iterator[Told]:
    yield Told("a", "b")


@hookimpl(specname="on_step")
@effect(lane="no lane")
def laneless(event: Step) -> None:
    return None


@hookimpl(specname="on_step")
@effect(lane=SELF)
def selfless(event: Step) -> None:
    return None


@hookimpl(specname="on_step")
@effect(lane="x", doubt="hodl")  # type: ignore[arg-type]
def doubtful(event: Step) -> None:
    return None


@hookimpl(specname="on_step")
@effect(lane="x", attempts=0)
def tired(event: Step) -> None:
    return None


@hookimpl(specname="on_step")
@effect(lane="x", deadline_s=float("nan"))
def timeless(event: Step) -> None:
    return None


@hookimpl(specname="on_step")
def computed(event: Step) -> Iterator[Step if 1 / 0 else Noted]:  # type: ignore[valid-type]
    yield Noted(1)


class Callable_:
    """A callable object."""

    def __call__(self, event: Step) -> Iterator[Noted]:
        yield Noted(event.n)


class Wrapped:
    """Marks its static methods from outside."""

    @hookimpl
    @staticmethod
    def on_step(event: Step) -> Iterator[Noted]:
        yield Noted(event.n)


class WrappedEffect:
    """Marks a static method as an effect from outside."""

    @staticmethod
    @hookimpl
    @effect(lane="x")
    def on_step(event: Step, desk: Desk) -> Iterator[Noted]:
        yield Noted(event.n)


def renamed() -> Any:
    module = stage("renamed")

    @hookimpl
    @effect(lane="draw")
    def on_step(event: Step) -> Iterator[Told]:
        yield Told("a", "b")

    on_step.__name__ = "elsewhere"
    module.on_step = on_step
    return module


def twins() -> Any:
    module = stage("twins")

    def same(event: Any) -> Iterator[Noted]:
        yield Noted(1)

    other = functools.partial(same)
    del other
    module.on_step = hookimpl(same)
    module.on_noted = same
    return module


def with_attribute(name: str, value: Any) -> Any:
    module = stage("odd", good)
    setattr(module, name, value)
    return module


BAD_HOOKS: dict[str, tuple[Callable[[], Any], str]] = {
    "coroutine": (lambda: stage("x", sleepy), "take async away"),
    "async generator": (lambda: stage("x", dreamy), "take async away"),
    "reuse of a provider": (lambda: stage("x", reused), "reuse=True is for effects on plain facts"),
    "lane": (lambda: stage("x", laneless), "'no lane' is no name for a lane"),
    "lane of nobody": (lambda: stage("x", selfless), "'<self>' is no name for a lane"),
    "doubt": (lambda: stage("x", doubtful), 'doubt must be "repeat" or "hold", not \'hodl\''),
    "attempts": (lambda: stage("x", tired), "attempts must be a whole number from 1"),
    "deadline": (lambda: stage("x", timeless), "deadline_s must be a number of seconds over 0"),
    "annotation": (lambda: stage("x", computed), "ZeroDivisionError"),
    "partial": (
        lambda: with_attribute("on_step", hookimpl(functools.partial(good))),
        "not a partial; write a def that calls it",
    ),
    "callable": (lambda: with_attribute("on_step", hookimpl(Callable_())), "not a Callable_"),
    "lambda": (
        lambda: with_attribute("on_noted", hookimpl(lambda event: None)),
        "write a function with def",
    ),
    "static": (Wrapped, "put @staticmethod above @hookimpl"),
    "renamed": (renamed, "looks for it by its name"),
    "twins": (twins, "answers both noted and step"),
    "decisions": (lambda: with_attribute("decisions", True), "decisions must be a whole number"),
    "huge decisions": (lambda: with_attribute("decisions", "x" * 10_000), "decisions must be"),
}


@pytest.mark.parametrize("name", BAD_HOOKS)
def test_hooks_that_cannot_work_are_refused(name: str) -> None:
    make, says = BAD_HOOKS[name]
    found = load_plugins(only="", extra={"words": words(), "bad": make(), "z": stage("z", good)})
    assert set(found.failures) == {"bad"}
    assert says in found.failures["bad"]
    assert len(found.failures["bad"]) < 2000
    assert found.next_steps["bad"]
    assert [hook.by for hook in found.by_kind["step"]] == ["z.good"]


def test_static_and_class_methods_and_wrapped_functions_work() -> None:
    class Odd:
        """Hooks of other kinds than a plain method."""

        @staticmethod
        @hookimpl(specname="on_step")
        def static(event: Step) -> Iterator[Noted]:
            yield Noted(event.n)

        @classmethod
        @hookimpl(specname="on_step")
        def of_class(cls, event: Step) -> Iterator[Noted]:
            yield Noted(event.n)

    def logged(function: Any) -> Any:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            return function(*args, **kwargs)

        return call

    found = load_plugins(
        only="",
        extra={
            "words": words(),
            "odd": Odd(),
            "effect": WrappedEffect(),
            "wrapped": stage("w", hookimpl(specname="on_step")(logged(good))),
        },
    )
    assert found.failures == {}
    assert [hook.by for hook in found.by_kind["step"]] == [
        "effect.on_step",
        "odd.of_class",
        "odd.static",
        "wrapped.good",
    ]
    assert found.by_kind["step"][0].effect is not None
    for hook in found.by_kind["step"]:
        given = dict.fromkeys(hook.wants)
        assert list(hook.function(**{**given, "event": Step(5)})) == [Noted(5)]


@event(home="episode")
@define
class Open:
    """An event class that is not frozen."""

    n: int = 1


def declaring(**more: Any) -> Any:
    module = stage("x", good)
    for name, value in more.items():
        setattr(module, name, value)
    return module


def _raise(error: BaseException) -> Any:
    raise error


class Prickly:
    """Raises when it is looked at."""

    @property
    def anything(self) -> Any:
        """Leaves."""
        return sys.exit(4)


DECLARES: dict[str, tuple[Any, str]] = {
    "events that leave": (declaring(duanju_events=lambda: sys.exit(2)), "duanju_events: SystemExit: 2"),
    "events that interrupt": (
        declaring(duanju_events=lambda: _raise(KeyboardInterrupt())),
        "duanju_events: KeyboardInterrupt",
    ),
    "endless events": (
        declaring(duanju_events=lambda: itertools.repeat(Noted)),
        "it declares more than 1000 classes",
    ),
    "no events": (declaring(duanju_events=lambda: None), "duanju_events: TypeError"),
    "an event that can be changed": (declaring(duanju_events=lambda: [Open]), "Open is not frozen"),
    "prices that leave": (declaring(duanju_prices=lambda: sys.exit(2)), "its prices: SystemExit: 2"),
    "endless prices": (
        declaring(duanju_prices=lambda: itertools.repeat(Price("a:b"))),
        "it knows more than 10000 prices",
    ),
    "prices that are none": (declaring(duanju_prices=lambda: [7]), "an int is no Price"),
    "a price without a route": (declaring(duanju_prices=lambda: [Price(7)]), "is no Price with texts"),  # type: ignore[arg-type]
    "a broken price": (
        declaring(duanju_prices=lambda: [Price("a:b", {"call": 0.5})]),  # type: ignore[dict-item]
        "the rates of a:b must be whole numbers",
    ),
    "a negative price": (declaring(duanju_prices=lambda: [Price("a:b", {"call": -1})]), "the rates of a:b"),
}


@pytest.mark.parametrize("name", DECLARES)
def test_declarations_that_misbehave_leave_their_plugin_out(name: str) -> None:
    thing, says = DECLARES[name]
    found = load_plugins(only="", extra={"words": words(), "bad": thing, "z": stage("z", good)})
    assert set(found.failures) == {"bad"}
    assert says in found.failures["bad"]
    assert set(found.plugins) == {"words", "z"}
    found.prices.to_json()


class Dist:
    """A distribution as importlib.metadata shows one."""

    name = "duanju-voices"
    version = "1.2"
    requires = ("requests>=2", "torch_audio >= 2 ; extra == 'voices'", 'Pillow; extra == "pictures"')


class Point:
    """An entry point as the loader sees one."""

    def __init__(self, name: str, load: Callable[[], Any], dist: Any = Dist) -> None:
        self.name = name
        self.load = load
        self.dist = dist


class Maker:
    """A provider class whose constructor does what its table says."""

    def __init__(self, name: str, settings: dict[str, Any]) -> None:
        self.name = name
        self.settings = settings
        settings["deep"]["list"].append("mine")
        settings.clear()
        do = {
            "leave": lambda: sys.exit(5),
            "library": lambda: _raise(MissingExtra("torch", "pip install t[x]")),
        }
        do.get(name, lambda: None)()

    @hookimpl
    @effect(provider=SELF, lane="x")
    def on_speech_requested(self, event: SpeechRequested) -> Iterator[SpeechReturned]:
        yield from ()


@frozen
class Table:
    """Settings of a provider."""

    deep: dict[str, Any]


class Declared(Maker):
    """A provider that declares its settings badly."""

    @staticmethod
    def duanju_settings() -> Any:
        """No attrs class."""
        return dict


def test_imports_and_constructors_that_misbehave_are_named_with_the_command_that_helps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(module: str) -> Any:
        raise ModuleNotFoundError(f"No module named '{module}'", name=module)

    points = [
        Point("a.extra", lambda: missing("torch_audio.functional")),
        Point("b.plain", lambda: missing("requests")),
        Point("c.other", lambda: missing("nowhere")),
        Point("d.said", lambda: _raise(MissingExtra("torch", "pip install 'duanju-voices[gpu]'"))),
        Point("e.leaves", lambda: sys.exit("no")),
        Point("f.syntax", lambda: compile("def", "bad.py", "exec")),
        Point("core.clerk", lambda: stage("x", good)),
        Point("bad name\n", lambda: stage("x", good)),
        Point("declared", lambda: Declared),
        Point("leave", lambda: Maker),
        Point("twice", lambda: stage("x", good)),
        Point("twice", lambda: stage("y", good)),
        Point("words", words),
    ]
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: points)
    shared: dict[str, Any] = {"list": []}
    tables = {
        "fine": {"kind": "leave", "deep": shared},
        "leave": {"deep": shared},
        "library": {"kind": "leave", "deep": shared},
        "declared": {"deep": shared},
    }
    found = load_plugins(tables)
    assert set(found.plugins) == {"fine", "twice", "words"}
    leave_out = 'or leave it out: disabled = ["{}"] under [plugins] in duanju.toml'
    assert found.next_steps["a.extra"] == (
        "install what it needs: pip install 'duanju-voices[voices]', " + leave_out.format("a.extra")
    )
    assert "pip install --force-reinstall duanju-voices" in found.next_steps["b.plain"]
    assert found.next_steps["c.other"] == "install the module nowhere, " + leave_out.format("c.other")
    assert found.failures["d.said"] == "its import failed: it needs torch, which is not installed"
    assert found.next_steps["d.said"] == "install it: pip install 'duanju-voices[gpu]'"
    assert found.failures["e.leaves"].startswith("its import failed: SystemExit: no")
    assert "pip install --upgrade duanju-voices" in found.next_steps["e.leaves"]
    assert "SyntaxError" in found.failures["f.syntax"]
    assert "no name for a plugin" in found.failures["core.clerk"]
    assert "no name for a plugin" in found.failures["bad name\n"]
    assert "it could not be made: NotAnAttrsClassError" in found.failures["declared"]
    assert found.failures["leave"].startswith("it could not be made: SystemExit: 5")
    assert found.next_steps["library"] == "install it: pip install t[x]"
    assert "second plugin of this name" in found.failures["twice"]
    assert shared == {"list": []}, "a constructor gets a copy, all the way down"
    assert tables["fine"] == {"kind": "leave", "deep": shared}

    load_plugins(tables, required=["fine", "words"])
    with pytest.raises(WrongUse, match=r"d.said is required.*needs torch.*install it: pip install") as told:
        load_plugins(tables, required=["d.said"])
    assert told.value.exit_code == 2


def test_looking_at_a_plugin_runs_none_of_its_properties() -> None:
    found = load_plugins(only="", extra={"prickly": Prickly()})
    assert found.failures == {}


def test_a_plugin_that_fails_leaves_nothing_for_the_next_one_to_be_blamed_for() -> None:
    @hookimpl
    def on_nothing(event: Any) -> None:
        return None

    broken = {f"b{n}": declaring(on_nothing=on_nothing) for n in range(3)}
    vendor = Vendor("v")
    found = load_plugins(only="", extra={"words": words(), **broken, "v": vendor, "z": stage("z", good)})
    assert set(found.failures) == set(broken)
    for why in found.failures.values():
        assert "on_nothing" in why
    assert set(found.plugins) == {"words", "v", "z"}
