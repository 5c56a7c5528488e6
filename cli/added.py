"""The words that plugins add to the command line: found when help is asked for or when one is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from ..core.errors import BadPlugin

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["GROUP", "Words"]

GROUP = "duanju.commands"


class Words(TyperGroup):
    """The command `duanju`: its own words first, then those of the entry points of `GROUP`.

    An entry point's name is the word; its value is a `typer.Typer` or a function, in a module that loads
    nothing heavy. One that cannot be loaded is named in the help and tells why when it is typed.
    """

    def list_commands(self, ctx: Any) -> list[str]:
        """All words, our own first."""
        own = list(super().list_commands(ctx))
        return own + [name for name in _points() if name not in own]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of a word; None where there is none."""
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        points = _points().get(cmd_name)
        return None if points is None else _command(cmd_name, points)


def _points() -> dict[str, list[EntryPoint]]:
    """The entry points of each word, by word; those of one word in a settled order."""
    from importlib.metadata import entry_points  # not before it is needed: a tenth of a start's time

    found: dict[str, list[EntryPoint]] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda one: (one.name, one.value)):
        held = found.setdefault(point.name, [])
        if not any(one.value == point.value for one in held):
            held.append(point)
    return found


def _command(word: str, points: list[EntryPoint]) -> Any:
    if len(points) > 1:
        several = " and ".join(f"{_source(one)} ({one.value})" for one in points)
        return _broken(word, f"{several} both bring it; uninstall one of them")
    point = points[0]
    try:
        made = _made(word, point.load())
    except Exception as error:  # noqa: BLE001  a plugin may raise anything; the other words still work
        why = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        return _broken(
            word,
            f"{point.value} of {_source(point)} cannot be loaded: {why}; update or remove {_source(point)}",
        )
    return made


def _made(word: str, value: Any) -> Any:
    if isinstance(value, typer.Typer):
        made = typer.main.get_command(value)
    elif callable(value):
        alone = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
        alone.command()(value)
        made = typer.main.get_command(alone)
    else:
        raise TypeError(f"a {type(value).__name__}, but neither a typer.Typer nor a function")
    made.name = word
    return made


def _source(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else "an unknown package"


def _broken(word: str, why: str) -> Any:
    """A word whose plugin cannot be used: it says so in the help, and whatever stands behind it."""
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    settings = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}

    @alone.command(help=f"(cannot be used) {why}", context_settings=settings)
    def tell() -> None:
        raise BadPlugin(f"duanju {word}: {why}")

    made = typer.main.get_command(alone)
    made.name = word
    return made
