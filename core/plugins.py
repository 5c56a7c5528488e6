"""Loading: which plugins there are, what their hooks answer, and which of them had to be left out."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
from attrs import define, field, frozen

from ..events.codec import BadBody, Codec, KindTaken
from ..events.fixed import Changeable
from ..events.quality import CheckMeasured
from ..events.vocabulary import builtin_events
from .contain import a_persons, describe, kind_of_answer
from .errors import BadPlugin, BadSetting, NotReady, WrongUse
from .plugin import Hook, Plugin, WorkerAddress
from .prices import Price, Prices
from .reading import Found, Reader
from .watchdog import LOAD_SECONDS, REACTION_SECONDS, Watchdog, door

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["Hook", "Plugin", "Plugins", "WorkerAddress", "load_plugins"]

GROUP = "duanju"
MOST_DECLARED = 1000
MOST_PRICES = 10_000
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,79}")
_RESERVED = ("core", "cli")  # they sign what the core itself and a person append
T = TypeVar("T")


@frozen
class Plugins:
    """All plugins in force, with their vocabulary and prices.

    `failures`: why a plugin was left out; `next_steps`: what a person can do about it, by the same names.
    """

    codec: Codec
    plugins: dict[str, Plugin]
    failures: dict[str, str]
    prices: Prices
    by_kind: dict[str, tuple[Hook, ...]] = field(factory=dict)
    next_steps: dict[str, str] = field(factory=dict)
    disabled: frozenset[str] = frozenset()

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
            sorted(
                {
                    h.plugin
                    for h in self.by_kind.get("episode_cut", ())
                    if h.effect and CheckMeasured in h.emits
                }
            )
        )

    def close(self, seconds: float = REACTION_SECONDS) -> dict[str, str]:
        """Ends what provider instances hold open; what went wrong with it, by plugin, stops no other's."""
        failed: dict[str, str] = {}
        watchdog = Watchdog(seconds)
        with watchdog:
            for name, plugin in self.plugins.items():
                if not isinstance(plugin.object, ModuleType):
                    try:
                        watchdog.run(_close, plugin.object)
                    except BaseException as error:
                        if a_persons(error):
                            raise
                        failed[name] = f"its close() failed: {watchdog.run(describe, error)}"
        return failed


def _close(thing: Any) -> None:
    close = getattr(thing, "close", None)
    if callable(close):
        close()


def load_plugins(
    providers: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    disabled: Iterable[str] = (),
    only: str | None = None,
    required: Iterable[str] = (),
    extra: Mapping[str, Any] | None = None,
    load_s: float = LOAD_SECONDS,
) -> Plugins:
    """Loads the plugins of all installed distributions.

    `only` (default: the environment's DUANJU_PLUGINS) names an exact set, separated by commas. `providers`
    are the `[providers.NAME]` tables. `extra` are objects to add by name, for tests. A plugin that fails, or
    does not come back within `load_s` seconds from its import, its constructor or a declaration, is left out
    and named in `failures`; raises WrongUse when it is `required` or asked for by name and absent.
    """
    if only is None:
        only = os.environ.get("DUANJU_PLUGINS")
    wanted = None if only is None else {one.strip() for one in only.split(",") if one.strip()}
    blocked = set(disabled)
    points = [] if wanted is not None and wanted <= set(extra or ()) else _installed()
    names = {point.name for point in points}
    if wanted is not None and (missing := wanted - names - set(extra or ())):
        raise WrongUse(
            f"DUANJU_PLUGINS names {', '.join(sorted(missing))}; there are only: {', '.join(sorted(names))}"
        )
    watchdog = Watchdog(load_s)
    loading = _Loading(watchdog)
    with watchdog:
        for point in points:
            if (wanted is None or point.name in wanted) and point.name not in blocked:
                loading.load(point)
        for name, thing in sorted((extra or {}).items()):
            loading.found.append(Found(name, thing, "0", ""))
        loading.make_providers(providers or {})
        plugins = attrs.evolve(loading.read(), disabled=frozenset(blocked))
    for name in required:
        if name not in plugins.plugins:
            why = plugins.failures.get(name, "it is not installed, or it is disabled")
            step = plugins.next_steps.get(name, "install it, or take its name out of plugins.required")
            raise WrongUse(f"the plugin {name} is required and cannot be used: {why}; {step}")
    return plugins


def _installed() -> list[EntryPoint]:
    """The entry points of all installed distributions, by name."""
    from importlib.metadata import entry_points  # a sixth of the time that the core takes to load

    return sorted(entry_points(group=GROUP), key=lambda point: point.name)


@define
class _Loading:
    """The plugins on their way: what was found, and why each of the others is left out."""

    watchdog: Watchdog
    found: list[Found] = field(factory=list)
    failures: dict[str, str] = field(factory=dict)
    next_steps: dict[str, str] = field(factory=dict)

    def _try(self, name: str, what: str, call: Callable[[], T], dist: Any = None) -> T | None:
        """What a plugin's code returns; None when it failed, which is written down. Raises BadSetting."""
        try:
            return self.watchdog.run(call)
        except BadSetting:
            raise
        except BaseException as error:
            if a_persons(error):
                raise
            self._fail(name, what, error, dist)
            return None

    def _fail(self, name: str, what: str, error: BaseException, dist: Any = None) -> None:
        if isinstance(error, NotReady):
            why = error.why
        elif isinstance(error, BadPlugin | KindTaken | Changeable):
            why, what = str(error), ""
        else:
            why = self.watchdog.run(describe, error)
        self.failures[name] = f"{what}: {why}" if what else why
        self.next_steps[name] = self.watchdog.run(_next_step, name, error, dist)

    def load(self, point: EntryPoint) -> None:
        """Imports a plugin."""
        name = point.name
        if not _NAME.fullmatch(name) or name.split(".")[0] in _RESERVED:
            error = BadPlugin(
                f"{name[:80]!r} is no name for a plugin: letters, digits, . _ and -, not core, cli"
            )
            self._fail(name, "", error)
            return
        if any(one.name == name for one in self.found):
            error = BadPlugin("there is a second plugin of this name, which is not used")
            self._fail(name, "", error)
            return

        def imported() -> Found:
            dist = point.dist
            thing = point.load()
            version = str(dist.version) if dist is not None else "0"
            return Found(name, thing, version, str(dist.name) if dist is not None else "")

        one = self._try(name, "its import failed", door(imported), point.dist)
        if one is not None:
            self.found.append(one)

    def make_providers(self, tables: Mapping[str, Mapping[str, Any]]) -> None:
        """Replaces every provider class by its instances: one by its own name, one per table of its kind."""
        classes = {one.name: one for one in self.found if isinstance(one.object, type)}
        made = [one for one in self.found if one.name not in classes]
        whole: dict[str, Mapping[str, Any]] = {name: {} for name in classes}
        whole.update(tables)
        for name in sorted(whole):
            # A copy all the way down: what a constructor changes in it nobody else sees.
            table = _loose(whole[name])
            kind = str(table.pop("kind", name))
            source = classes.get(kind)
            if source is None:
                if kind != name or name not in self.failures:  # else its import has failed, and that is told
                    known = ", ".join(sorted(classes))
                    self.failures[name] = f"there is no provider of kind {kind!r}; there are: {known}"
                    self.next_steps[name] = f"install it, or change [providers.{name}] in duanju.toml"
                continue
            instance = self._try(name, "it could not be made", door(_maker(name, source.object, table)))
            if instance is not None:
                made.append(Found(name, instance, source.version, source.distribution))
        self.found = made

    def read(self) -> Plugins:
        """Builds the vocabulary and reads every hook; what does not fit is left out and named."""
        codec = Codec(builtin_events())
        accepted = [one for one in sorted(self.found, key=lambda one: one.name) if self._declare(codec, one)]
        reader = Reader(codec)
        plugins: dict[str, Plugin] = {}
        prices: list[Price] = []
        for one in accepted:
            known = self._try(one.name, "its prices", door(_pricer(one)))
            plugin = None if known is None else self._try(one.name, "its hooks", door(_reading(reader, one)))
            if plugin is not None and known is not None:
                plugins[one.name] = plugin
                prices.extend(known)
        by_kind: dict[str, list[Hook]] = {}
        for name in sorted(plugins):
            for hook in plugins[name].hooks:
                by_kind.setdefault(hook.kind, []).append(hook)
        hooks = {kind: tuple(found) for kind, found in by_kind.items()}
        return Plugins(codec, plugins, self.failures, Prices(prices), hooks, self.next_steps)

    def _declare(self, codec: Codec, one: Found) -> bool:
        def declared() -> bool:
            declare = getattr(one.object, "duanju_events", None)
            classes = list(islice(declare(), MOST_DECLARED + 1)) if callable(declare) else []
            if len(classes) > MOST_DECLARED:
                raise BadPlugin(f"duanju_events: it declares more than {MOST_DECLARED} classes")
            for cls in classes:
                codec.add(cls)
            return True

        return self._try(one.name, "duanju_events", door(declared)) is True


def _loose(value: Any) -> Any:
    """A copy of a setting's value that may be changed, in every part."""
    if isinstance(value, Mapping):
        return {key: _loose(one) for key, one in value.items()}
    return [_loose(one) for one in value] if isinstance(value, list | tuple) else value


def _maker(name: str, cls: type[Any], table: dict[str, Any]) -> Callable[[], Any]:
    def made() -> Any:
        declare = getattr(cls, "duanju_settings", None)
        return cls(name, _checked(name, table, declare()) if callable(declare) else table)

    return made


def _reading(reader: Reader, one: Found) -> Callable[[], Plugin]:
    return lambda: reader.read(one)


def _pricer(one: Found) -> Callable[[], list[Price]]:
    def priced() -> list[Price]:
        declare = getattr(one.object, "duanju_prices", None)
        entries = list(islice(declare(), MOST_PRICES + 1)) if callable(declare) else []
        if len(entries) > MOST_PRICES:
            raise BadPlugin(f"duanju_prices: it knows more than {MOST_PRICES} prices")
        for price in entries:
            _check_price(price)
        return entries

    return priced


def _check_price(price: Any) -> None:
    """Raises BadPlugin for what is no price: it would be met in the middle of an admission."""
    texts = ("route", "source", "since", "until", "successor")
    if type(price) is not Price or not all(isinstance(getattr(price, name), str) for name in texts):
        raise BadPlugin(f"duanju_prices: {kind_of_answer(price)} is no Price with texts in its fields")
    amounts = [*price.rates.values(), price.most_output]
    if not all(type(one) is int and 0 <= one < 1 << 62 for one in amounts):
        raise BadPlugin(f"duanju_prices: the rates of {price.route[:80]} must be whole numbers from 0")


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


def _next_step(name: str, error: BaseException, dist: Any) -> str:
    """What a person can do about a plugin that was left out."""
    if isinstance(error, NotReady):
        return error.next
    leave = f'or leave it out: disabled = ["{name}"] under [plugins] in duanju.toml'
    module = (error.name or "").split(".")[0] if isinstance(error, ImportError) else ""
    if dist is None or not isinstance(dist.name, str):
        return f"mend it, {leave}"
    if not module:
        return f"update it: pip install --upgrade {dist.name}, {leave}"
    for line in dist.requires or ():
        needed = re.match(r"[A-Za-z0-9._-]+", line)
        if needed is not None and _normal(needed[0]) == _normal(module):
            extra = re.search(r"""extra\s*==\s*['"]([A-Za-z0-9._-]+)['"]""", line)
            what = f"'{dist.name}[{extra[1]}]'" if extra else f"--force-reinstall {dist.name}"
            return f"install what it needs: pip install {what}, {leave}"
    return f"install the module {module}, {leave}"


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
