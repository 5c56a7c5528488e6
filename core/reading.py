"""Reads a plugin's hooks, and refuses those that could not work: before an episode finds out."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable
from itertools import pairwise
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pluggy
from attrs import frozen

from ..events.calls import VideoSubmitted
from ..events.codec import Codec
from ..events.quality import CheckMeasured
from .errors import BadPlugin
from .hooks import PROCESS_LANES, PROJECT, EffectSpec, effect_of, emits_of, hookspec
from .plugin import Hook, Plugin, WorkerAddress
from .prices import Price

if TYPE_CHECKING:
    from .contents import Contents

__all__ = ["Found", "Reader"]

_MARK = f"{PROJECT}_impl"
_LANE = re.compile(r"[A-Za-z0-9][\w.-]{0,79}")


@frozen
class Found:
    """A plugin's object before it is read: its name, and the distribution that it came from."""

    name: str
    object: Any
    version: str
    distribution: str


class Reader:
    """Reads plugins against one vocabulary. A plugin that is refused leaves no trace."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._known = frozenset(codec.classes())
        self._specifications = _specifications(codec)
        self._manager = self._fresh()

    def _fresh(self) -> pluggy.PluginManager:
        manager = pluggy.PluginManager(PROJECT)
        manager.add_hookspecs(self._specifications)
        return manager

    def read(self, one: Found) -> Plugin:
        """The plugin with its hooks. Raises BadPlugin, and what a stranger's object raises when looked at."""
        try:
            return self._read(one)
        except BaseException:
            # What it registered before it failed would be taken for the next one's.
            self._manager = self._fresh()
            raise

    def _read(self, one: Found) -> Plugin:
        try:
            self._manager.register(one.object, name=one.name)
            self._manager.check_pending()
        except pluggy.PluginValidationError as error:
            raise BadPlugin(str(error)) from None
        _refuse_unseen(one)
        decisions = getattr(one.object, "decisions", 1)
        if not isinstance(decisions, int) or isinstance(decisions, bool) or decisions < 1:
            raise BadPlugin(
                f"{one.name}: decisions must be a whole number from 1, not {str(decisions)[:80]!r}"
            )
        hooks: list[Hook] = []
        for caller in self._manager.get_hookcallers(one.object) or ():
            if not caller.name.startswith("on_"):
                continue
            for impl in caller.get_hookimpls():
                if impl.plugin is one.object:
                    hooks.append(self._hook(one, caller.name, impl, decisions))
        hooks.sort(key=lambda hook: hook.name)
        for one_hook, other in pairwise(hooks):
            if one_hook.name == other.name:
                raise BadPlugin(
                    f"{other.by} answers both {one_hook.kind} and {other.kind}: a hook's name is its "
                    'identity, so write two functions, with @hookimpl(specname="on_...") for another name'
                )
        submits = any(VideoSubmitted in hook.emits for hook in hooks)
        if submits and not any(hook.kind == "video_submitted" for hook in hooks):
            raise BadPlugin(
                f"{one.name}: it submits long jobs and has no on_video_submitted that awaits them"
            )
        return Plugin(
            one.name, one.object, one.version, one.distribution, decisions, _kind(hooks), tuple(hooks)
        )

    def _hook(self, one: Found, spec: str, impl: pluggy.HookImpl, decisions: int) -> Hook:
        function = impl.function
        name = getattr(function, "__name__", "")
        where = f"{one.name}.{name}"
        if impl.hookwrapper or impl.wrapper or impl.tryfirst or impl.trylast:
            raise BadPlugin(
                f"{where}: wrappers and ordering marks do nothing on event hooks, the core calls each "
                "implementation itself, in the order of plugin names; take the mark away"
            )
        if not name.isidentifier():
            raise BadPlugin(f"{where}: a hook's name is its identity; write a function with def")
        plain = inspect.unwrap(getattr(function, "__func__", function))
        if inspect.iscoroutinefunction(plain) or inspect.isasyncgenfunction(plain):
            raise BadPlugin(
                f"{where}: hooks are plain functions; take async away, lanes run them side by side"
            )
        effect = effect_of(getattr(function, "__func__", function), one.name)
        wants = tuple(impl.argnames)
        if effect is None and "desk" in wants:
            raise BadPlugin(f"{where}: a reaction gets no desk; mark it with @effect(lane=...)")
        if effect is not None:
            _refuse_effect(where, effect)
            if spec == "on_call_doubted" and effect.provider is not None and effect.doubt == "hold":
                raise BadPlugin(f'{where}: a look-up is free and runs again; mark it with doubt="repeat"')
            if effect.lane in PROCESS_LANES and not _same(getattr(one.object, name, None), function):
                raise BadPlugin(
                    f"{where}: the lane {effect.lane} runs in a process that looks for it by its name, and "
                    f"{one.name} has something else of that name"
                )
        emits = emits_of(function)
        for cls in emits:
            if cls not in self._known:
                raise BadPlugin(f"{where}: emits {cls.__name__}, which nobody declares in duanju_events()")
        return Hook(one.name, name, spec[3:], function, wants, effect, emits, _address(one, name), decisions)


def _refuse_effect(where: str, effect: EffectSpec) -> None:
    """Refuses an effect whose mark says what cannot be."""
    if effect.reuse and effect.provider is not None:
        raise BadPlugin(
            f"{where}: reuse=True is for effects on plain facts; a provider's outcomes are used again by the "
            "admission of the next request, so take the mark away"
        )
    if effect.doubt not in ("repeat", "hold"):
        raise BadPlugin(f'{where}: doubt must be "repeat" or "hold", not {str(effect.doubt)[:80]!r}')
    if not isinstance(effect.lane, str) or not _LANE.fullmatch(effect.lane):
        raise BadPlugin(
            f"{where}: {str(effect.lane)[:80]!r} is no name for a lane: letters, digits, . _ and -"
        )
    if not isinstance(effect.attempts, int) or effect.attempts < 1:
        raise BadPlugin(f"{where}: attempts must be a whole number from 1")
    if not isinstance(effect.deadline_s, int | float) or not 0 < effect.deadline_s < math.inf:
        raise BadPlugin(f"{where}: deadline_s must be a number of seconds over 0")


def _refuse_unseen(one: Found) -> None:
    """Refuses what is marked as a hook and would not be found: a partial, an object, a static method."""
    for name in dir(one.object):
        static = inspect.getattr_static(one.object, name, None)
        if not isinstance(getattr(static, _MARK, None), dict):
            continue
        if isinstance(static, staticmethod | classmethod):
            kind = type(static).__name__
            raise BadPlugin(f"{one.name}.{name}: put @{kind} above @hookimpl and @effect, not below them")
        if not inspect.isroutine(getattr(one.object, name)):
            raise BadPlugin(
                f"{one.name}.{name}: a hook is a function or a method, not a {type(static).__name__}; "
                "write a def that calls it"
            )


def _same(found: Any, function: Callable[..., Any]) -> bool:
    return bool(found == function)


def _address(one: Found, name: str) -> WorkerAddress:
    owner = one.object if isinstance(one.object, ModuleType) else type(one.object)
    if isinstance(owner, ModuleType):
        return WorkerAddress(owner.__name__, "", one.name, name)
    return WorkerAddress(owner.__module__, owner.__qualname__, one.name, name)


def _kind(hooks: list[Hook]) -> str:
    if any(hook.effect and hook.effect.provider for hook in hooks):
        return "provider"
    if any(CheckMeasured in hook.emits and hook.effect for hook in hooks):
        return "check"
    if hooks and all(hook.effect and not hook.emits for hook in hooks):
        return "export"
    return "stage"


def _specifications(codec: Codec) -> type[Any]:
    def duanju_events() -> list[type[Any]]:
        """The event classes that a plugin adds."""
        return []

    def duanju_prices() -> list[Price]:
        """The dated prices that a plugin knows."""
        return []

    def duanju_settings() -> type[Any]:
        """The attrs class that a provider's table in duanju.toml must fit."""
        return object

    def duanju_episodes(data: bytes, file: str, format: str) -> Contents | None:
        """What a script file holds: its title, and the episodes in it; None = another plugin may know."""

    def duanju_views() -> dict[str, str]:
        """The views that a plugin adds to queries: name -> SELECT."""
        return {}

    body: dict[str, Any] = {
        "duanju_events": staticmethod(hookspec(duanju_events)),
        "duanju_episodes": staticmethod(hookspec(duanju_episodes)),
        "duanju_prices": staticmethod(hookspec(duanju_prices)),
        "duanju_settings": staticmethod(hookspec(duanju_settings)),
        "duanju_views": staticmethod(hookspec(duanju_views)),
    }
    for cls in codec.classes():
        kind = codec.spec(cls).kind

        def specification(event: Any, record: Any, episode: Any, series: Any, desk: Any) -> Any:
            """Answers an event of this kind."""

        specification.__name__ = f"on_{kind}"
        body[f"on_{kind}"] = staticmethod(hookspec(specification))
    return type("Specifications", (), body)
