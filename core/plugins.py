"""Loading: which plugins there are, what their hooks answer, and which of them had to be left out."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

import attrs
import pluggy
from attrs import field, frozen

from ..events.calls import VideoSubmitted
from ..events.codec import BadBody, Codec, KindTaken
from ..events.quality import CheckMeasured
from ..events.vocabulary import builtin_events
from .errors import BadPlugin, BadSetting, WrongUse
from .hooks import PROJECT, EffectSpec, effect_of, emits_of, hookspec
from .prices import Price, Prices

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["Hook", "Plugin", "Plugins", "WorkerAddress", "load_plugins", "plugins_of"]

GROUP = "duanju"
ARGUMENTS = ("event", "record", "episode", "series", "desk")


@frozen
class WorkerAddress:
    """Where a worker process finds an effect: a module, a provider class ("" = none), and the function."""

    module: str
    provider: str
    instance: str
    function: str


@frozen
class Hook:
    """One implementation: `name` is its identity, `kind` the event it answers, `emits` what it may say."""

    plugin: str
    name: str
    kind: str
    function: Callable[..., Any]
    wants: tuple[str, ...]
    effect: EffectSpec | None
    emits: frozenset[type[Any]]
    address: WorkerAddress
    decisions: int

    @property
    def by(self) -> str:
        """How records name their author."""
        return f"{self.plugin}.{self.name}"


@frozen
class Plugin:
    """A loaded plugin; `kind` is stage | provider | check | export, told from what it does."""

    name: str
    object: Any
    version: str
    distribution: str
    decisions: int
    kind: str
    hooks: tuple[Hook, ...]


@frozen
class Plugins:
    """All plugins in force, with their vocabulary, prices, and what could not be loaded."""

    codec: Codec
    plugins: dict[str, Plugin]
    failures: dict[str, str]
    prices: Prices
    by_kind: dict[str, tuple[Hook, ...]] = field(factory=dict)

    def hook(self, plugin: str, name: str) -> Hook | None:
        """A hook by its identity; None when its plugin is absent or lost it."""
        found = self.plugins.get(plugin)
        if found is not None:
            for hook in found.hooks:
                if hook.name == name:
                    return hook
        return None

    def provider_hook(self, kind: str, provider: str) -> Hook | None:
        """The effect of a provider instance for a kind of event that carries a route."""
        for hook in self.by_kind.get(kind, ()):
            if hook.effect is not None and hook.effect.provider == provider:
                return hook
        return None

    def checks(self) -> tuple[str, ...]:
        """The names of the checks: plugins whose effect answers a cut with a measurement."""
        return tuple(
            sorted({h.plugin for h in self.by_kind.get("episode_cut", ()) if CheckMeasured in h.emits})
        )

    def close(self) -> None:
        """Ends what provider instances hold open."""
        for plugin in self.plugins.values():
            close = getattr(plugin.object, "close", None)
            if callable(close) and not isinstance(plugin.object, ModuleType):
                close()


@frozen
class _Found:
    name: str
    object: Any
    version: str
    distribution: str


def load_plugins(
    providers: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    disabled: Iterable[str] = (),
    only: str | None = None,
    required: Iterable[str] = (),
    extra: Mapping[str, Any] | None = None,
) -> Plugins:
    """Loads the plugins of all installed distributions.

    `only` (default: the environment's DUANJU_PLUGINS) names an exact set, separated by commas. `providers`
    are the `[providers.NAME]` tables. `extra` are objects to add by name, for tests. A plugin that fails is
    left out and named in `failures`; raises WrongUse when it is `required` or asked for by name and absent.
    """
    if only is None:
        only = os.environ.get("DUANJU_PLUGINS")
    wanted = None if only is None else {one.strip() for one in only.split(",") if one.strip()}
    blocked = set(disabled)
    from importlib.metadata import entry_points  # a sixth of the time that the core takes to load

    points = sorted(entry_points(group=GROUP), key=lambda point: point.name)
    names = {point.name for point in points}
    if wanted is not None and (missing := wanted - names - set(extra or ())):
        raise WrongUse(
            f"DUANJU_PLUGINS names {', '.join(sorted(missing))}; there are only: {', '.join(sorted(names))}"
        )
    failures: dict[str, str] = {}
    found: list[_Found] = []
    for point in points:
        if (wanted is not None and point.name not in wanted) or point.name in blocked:
            continue
        loaded = _load(point, failures)
        if loaded is not None:
            found.append(loaded)
    for name, thing in sorted((extra or {}).items()):
        found.append(_Found(name, thing, "0", ""))
    plugins = plugins_of(_instances(found, providers or {}, failures), failures)
    for name in required:
        if name not in plugins.plugins:
            why = plugins.failures.get(name, "it is not installed")
            raise WrongUse(f"the plugin {name} is needed and cannot be used: {why}")
    return plugins


def _load(point: EntryPoint, failures: dict[str, str]) -> _Found | None:
    dist = point.dist
    try:
        thing = point.load()
    except Exception as error:  # noqa: BLE001  a stranger's import may raise anything; it is named, not hidden
        failures[point.name] = f"its import failed: {type(error).__name__}: {error}"
        return None
    return _Found(point.name, thing, dist.version if dist else "0", dist.name if dist else "")


def _instances(
    found: list[_Found], providers: Mapping[str, Mapping[str, Any]], failures: dict[str, str]
) -> list[_Found]:
    """Replaces every provider class by its instances: one by its own name, one per table of its kind."""
    made: list[_Found] = []
    classes = {one.name: one for one in found if inspect.isclass(one.object)}
    made.extend(one for one in found if one.name not in classes)
    tables: dict[str, Mapping[str, Any]] = {name: {} for name in classes}
    tables.update(providers)
    for name in sorted(tables):
        table = dict(tables[name])
        kind = table.pop("kind", name)
        source = classes.get(kind)
        if source is None:
            failures[name] = f"there is no provider of kind {kind!r}; there are: {', '.join(sorted(classes))}"
            continue
        try:
            declare = getattr(source.object, "duanju_settings", None)
            if callable(declare):
                table = _checked(name, table, declare())
            instance = source.object(name, table)
        except BadSetting:
            raise
        except Exception as error:  # noqa: BLE001  a stranger's constructor may raise anything
            failures[name] = f"it could not be made: {type(error).__name__}: {error}"
            continue
        made.append(_Found(name, instance, source.version, source.distribution))
    return made


def _checked(name: str, table: dict[str, Any], cls: type[Any]) -> dict[str, Any]:
    """A provider's table against the attrs class that its plugin declares; with the class's defaults."""
    known = {a.name for a in attrs.fields(cls)}
    for key in table:
        if key not in known:
            raise BadSetting(
                f"[providers.{name}] {key}: no such setting; there are: {', '.join(sorted(known)) or 'none'}"
            )
    try:
        return attrs.asdict(Codec().structure(table, cls))
    except BadBody as error:
        raise BadSetting(f"[providers.{name}] {error}") from None


def plugins_of(found: Iterable[_Found], failures: dict[str, str] | None = None) -> Plugins:
    """Builds the vocabulary and reads every hook; what does not fit is left out and named."""
    failures = {} if failures is None else failures
    codec = Codec(builtin_events())
    accepted: list[_Found] = []
    for one in sorted(found, key=lambda one: one.name):
        declare = getattr(one.object, "duanju_events", None)
        try:
            for cls in declare() if callable(declare) else ():
                codec.add(cls)
        except Exception as error:  # noqa: BLE001  a stranger's hook may raise anything
            failures[one.name] = (
                str(error)
                if isinstance(error, KindTaken)
                else f"duanju_events: {type(error).__name__}: {error}"
            )
            continue
        accepted.append(one)
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(_specifications(codec))
    plugins: dict[str, Plugin] = {}
    prices: list[Price] = []
    for one in accepted:
        try:
            plugin = _read(manager, one, codec)
            entries = getattr(one.object, "duanju_prices", None)
            if callable(entries):
                prices.extend(entries())
        except (BadPlugin, pluggy.PluginValidationError) as error:
            failures[one.name] = str(error)
            manager.unregister(name=one.name)
            continue
        except Exception as error:  # noqa: BLE001  a stranger's hook may raise anything
            failures[one.name] = f"{type(error).__name__}: {error}"
            manager.unregister(name=one.name)
            continue
        plugins[one.name] = plugin
    by_kind: dict[str, list[Hook]] = {}
    for name in sorted(plugins):
        for hook in plugins[name].hooks:
            by_kind.setdefault(hook.kind, []).append(hook)
    return Plugins(codec, plugins, failures, Prices(prices), {k: tuple(v) for k, v in by_kind.items()})


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

    body: dict[str, Any] = {
        "duanju_events": staticmethod(hookspec(duanju_events)),
        "duanju_prices": staticmethod(hookspec(duanju_prices)),
        "duanju_settings": staticmethod(hookspec(duanju_settings)),
    }
    for cls in codec.classes():
        kind = codec.spec(cls).kind

        def specification(event: Any, record: Any, episode: Any, series: Any, desk: Any) -> Any:
            """Answers an event of this kind."""

        specification.__name__ = f"on_{kind}"
        body[f"on_{kind}"] = staticmethod(hookspec(specification))
    return type("Specifications", (), body)


def _read(manager: pluggy.PluginManager, one: _Found, codec: Codec) -> Plugin:
    manager.register(one.object, name=one.name)
    manager.check_pending()
    decisions = getattr(one.object, "decisions", 1)
    if not isinstance(decisions, int) or decisions < 1:
        raise BadPlugin(f"{one.name}: decisions must be a whole number from 1, not {decisions!r}")
    hooks: list[Hook] = []
    for caller in manager.get_hookcallers(one.object) or ():
        if not caller.name.startswith("on_"):
            continue
        for impl in caller.get_hookimpls():
            if impl.plugin is one.object:
                hooks.append(_hook(one, caller.name, impl, codec, decisions))
    hooks.sort(key=lambda hook: hook.name)
    submits = any(VideoSubmitted in hook.emits for hook in hooks)
    if submits and not any(hook.kind == "video_submitted" for hook in hooks):
        raise BadPlugin(f"{one.name}: it submits long jobs and has no on_video_submitted that awaits them")
    return Plugin(one.name, one.object, one.version, one.distribution, decisions, _kind(hooks), tuple(hooks))


def _hook(one: _Found, spec: str, impl: pluggy.HookImpl, codec: Codec, decisions: int) -> Hook:
    function = impl.function
    name = function.__name__
    where = f"{one.name}.{name}"
    if impl.hookwrapper or impl.wrapper or impl.tryfirst or impl.trylast:
        raise BadPlugin(
            f"{where}: wrappers and ordering marks do nothing on event hooks, the core calls each "
            "implementation itself, in the order of plugin names; take the mark away"
        )
    spec_effect = effect_of(getattr(function, "__func__", function), one.name)
    wants = tuple(impl.argnames)
    if spec_effect is None and "desk" in wants:
        raise BadPlugin(f"{where}: a reaction gets no desk; mark it with @effect(lane=...)")
    emits = emits_of(function)
    known = set(codec.classes())
    for cls in emits:
        if cls not in known:
            raise BadPlugin(f"{where}: emits {cls.__name__}, which nobody declares in duanju_events()")
    owner = one.object if isinstance(one.object, ModuleType) else type(one.object)
    address = WorkerAddress(
        owner.__name__ if isinstance(owner, ModuleType) else owner.__module__,
        "" if isinstance(owner, ModuleType) else owner.__qualname__,
        one.name,
        name,
    )
    return Hook(one.name, name, spec[3:], function, wants, spec_effect, emits, address, decisions)


def _kind(hooks: list[Hook]) -> str:
    if any(hook.effect and hook.effect.provider for hook in hooks):
        return "provider"
    if any(CheckMeasured in hook.emits and hook.effect for hook in hooks):
        return "check"
    if hooks and all(hook.effect and not hook.emits for hook in hooks):
        return "export"
    return "stage"
