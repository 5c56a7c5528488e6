"""A plugin on trial: loaded from a file or from what is installed, beside the plugins that are in force."""

from __future__ import annotations

import importlib.util
import re
import sys
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
from attrs import frozen

from . import plugins as loading
from .contain import a_persons, describe
from .errors import WrongUse
from .plugins import GROUP, Hook, Plugins
from .settings import Settings
from .watchdog import LOAD_SECONDS, Watchdog, door

__all__ = ["Candidate", "candidate"]

_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,79}")


@frozen
class Candidate:
    """`names` are the plugins on trial; `plugins` those in force with them, `without` those as they are."""

    names: frozenset[str]
    plugins: Plugins
    without: Plugins

    def hooks(self, kind: str) -> list[Hook]:
        """The hooks on trial for a kind of event."""
        return [hook for hook in self.plugins.by_kind.get(kind, ()) if hook.plugin in self.names]


def candidate(settings: Settings, text: str) -> Candidate:
    """Loads FILE.py, NAME=FILE.py, an installed plugin's name, or that of a distribution with plugins.

    One of the name of a plugin in force takes its place. An installed one that was never adopted, or is
    disabled, counts as absent in `without`. Raises WrongUse where there is none, or it cannot be used.
    """
    name, _, file = text.rpartition("=")
    if name or file.endswith(".py"):
        chosen = name or Path(file).stem
        names = {chosen}
        found = {chosen: _imported(chosen, Path(file))}
        disabled = {*settings.disabled, chosen}
        without = loading.load_plugins(settings.providers, disabled=settings.disabled)
    else:
        names, found = _installed(text), {}
        disabled = set(settings.disabled) - names
        without = loading.load_plugins(settings.providers, disabled={*settings.disabled, *names})
    plugins = loading.load_plugins(settings.providers, disabled=disabled, extra=found)
    for one in sorted(names):
        if one in plugins.failures:
            raise WrongUse(f"--with {text}: the plugin {one} cannot be used: {plugins.failures[one]}")
        if one not in plugins.plugins or not plugins.plugins[one].hooks:
            raise WrongUse(f"--with {text}: {one} answers no event: it has no function marked @hookimpl")
    return Candidate(frozenset(names), plugins, _without(without, names if not found else set()))


def _without(plugins: Plugins, names: set[str]) -> Plugins:
    """The plugins but for some, whatever loaded them."""
    if not names & plugins.plugins.keys():
        return plugins
    kept = {name: one for name, one in plugins.plugins.items() if name not in names}
    by_kind = {
        kind: tuple(hook for hook in hooks if hook.plugin not in names)
        for kind, hooks in plugins.by_kind.items()
    }
    return attrs.evolve(plugins, plugins=kept, by_kind=by_kind)


def _installed(text: str) -> set[str]:
    points = entry_points(group=GROUP)
    names = {point.name for point in points if point.name == text}
    names = names or {point.name for point in points if point.dist is not None and _is(point.dist.name, text)}
    if not names:
        known = ", ".join(sorted(point.name for point in points))
        raise WrongUse(
            f"--with {text}: no file FILE.py and no installed plugin of that name; there are: {known}"
        )
    return names


def _is(one: str, other: str) -> bool:
    return re.sub(r"[-_.]+", "-", one).lower() == re.sub(r"[-_.]+", "-", other).lower()


def _imported(name: str, file: Path) -> Any:
    """The module in a file, run once. Raises WrongUse for a file that is none, or that fails."""
    if not _NAME.fullmatch(name) or name.split(".")[0] in ("core", "cli"):
        raise WrongUse(f"--with: {name[:80]!r} is no name for a plugin; give one: --with NAME={file}")
    if not file.is_file():
        raise WrongUse(f"--with: there is no file {file}")
    spec = importlib.util.spec_from_file_location(
        f"duanju_on_trial_{re.sub(r'[^0-9A-Za-z]', '_', name)}", file
    )
    if spec is None or spec.loader is None:
        raise WrongUse(f"--with {file}: it is no Python file")
    module, loader = importlib.util.module_from_spec(spec), spec.loader

    def run() -> ModuleType:
        sys.modules[module.__name__] = module  # attrs and annotations look it up by its name
        loader.exec_module(module)
        return module

    watchdog = Watchdog(LOAD_SECONDS)
    with watchdog:
        try:
            return watchdog.run(door(run))
        except BaseException as error:
            if a_persons(error):
                raise
            raise WrongUse(f"--with {file}: its import failed: {watchdog.run(describe, error)}") from None
