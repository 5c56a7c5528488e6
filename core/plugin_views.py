"""The views that plugins add to queries: what they declare, looked at before anything is made of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from attrs import frozen

from .contain import a_persons, describe
from .errors import BadPlugin
from .plugins import Plugins
from .schema import VIEWS, made_by
from .watchdog import LOAD_SECONDS, Watchdog, door

__all__ = ["PluginView", "plugin_views"]

MOST_VIEWS = 100
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


@frozen
class PluginView:
    """A view that a plugin adds: its name, the plugin's, and its SELECT."""

    name: str
    plugin: str
    select: str


def plugin_views(plugins: Plugins) -> tuple[tuple[PluginView, ...], dict[str, str]]:
    """The views that plugins add by `duanju_views()`, name -> SELECT; and, by plugin, what is wrong with one.

    The first plugin by name has a view's name. Whether its SELECT is one shows when an Asker makes it.
    """
    found: dict[str, PluginView] = {}
    failures: dict[str, str] = {}
    with Watchdog(LOAD_SECONDS) as watchdog:
        for name, plugin in sorted(plugins.plugins.items()):
            declare = getattr(plugin.object, "duanju_views", None)
            if callable(declare):
                try:
                    views = watchdog.run(door(_reader(declare)))
                    for view, select in views.items():
                        _check(view, select, found)
                        found[view] = PluginView(view, name, select)
                except BaseException as error:
                    if a_persons(error):
                        raise
                    failures[name] = str(error) if isinstance(error, BadPlugin) else describe(error)
    return tuple(found.values()), failures


def _reader(declare: Callable[[], Any]) -> Callable[[], dict[str, str]]:
    def read() -> dict[str, str]:
        views = declare()
        if not isinstance(views, Mapping):
            raise BadPlugin("duanju_views: it must return a mapping of names to SELECTs")
        if len(views) > MOST_VIEWS:
            raise BadPlugin(f"duanju_views: it has more than {MOST_VIEWS} views")
        return dict(islice(views.items(), MOST_VIEWS))

    return read


def _check(name: Any, select: Any, found: Mapping[str, PluginView]) -> None:
    """Raises BadPlugin for what cannot be a view's name or its SELECT."""
    taken = {*VIEWS, *made_by()}
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name.startswith("sqlite_"):
        raise BadPlugin(
            f"duanju_views: {str(name)[:80]!r} is no name: small letters, digits and _, at most 63"
        )
    if name in taken or name in found:
        whose = f"the plugin {found[name].plugin}'s" if name in found else "duanju's own"
        raise BadPlugin(f"duanju_views: the name {name} is taken, it is {whose}")
    if not isinstance(select, str) or not re.match(r"\s*(select|with|values)\b", select, re.IGNORECASE):
        raise BadPlugin(f"duanju_views: {name} is no SELECT")
