"""Settings changed by single words, `key=value`, as a fork takes them: checked like those of duanju.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs

from .errors import BadSetting
from .settings import Settings
from .settings_file import settings_of
from .toml_file import TomlFile

__all__ = ["with_overrides"]

_SHORT = {
    "delivery": "delivery.profile",
    "budget": "budget.episode",
    "language": "film.language",
    "profile": "routes.profile",
}
_MONEY = ("call", "episode", "series", "day", "repeat_below", "credit")


class _Words(TomlFile):
    """The same tables as a file's, made of settings and of what a person changes in them."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.path = Path("--set")
        self.text = ""
        self.data = data

    def bad(self, table: str, key: str, why: str) -> BadSetting:
        """The error for a key, as it was written."""
        return BadSetting(f"--set {table}.{key}: {why}".replace("--set .", "--set "))


def with_overrides(settings: Settings, words: Iterable[str]) -> Settings:
    """The settings with each `key=value` of `words` changed; a value is TOML, or a text as it stands.

    A key is one of duanju.toml with its table, like `delivery.profile`; the short ones are `delivery`,
    `budget`, `language` and `profile`. Raises BadSetting, naming the key and what would be right.
    """
    words = list(words)
    if not words:
        return settings
    data = _tables(settings)
    for word in words:
        key, sign, text = word.partition("=")
        key = _SHORT.get(key.strip(), key.strip())
        if not sign or not key:
            raise BadSetting(f"--set {word}: write KEY=VALUE, like delivery.fps=30")
        _put(data, key, _value(text.strip()))
    changed = settings_of(_Words(data))
    rules = changed.rules if "profile" in data["routes"] else settings.rules
    return attrs.evolve(
        changed, rules=rules, required=settings.required, disabled=settings.disabled, series=settings.series
    )


def _tables(settings: Settings) -> dict[str, Any]:
    delivery, budget = settings.delivery, settings.budget
    money = {name: getattr(budget, name) for name in _MONEY}
    return {
        "delivery": {
            "profile": delivery.name,
            "width": delivery.width,
            "height": delivery.height,
            "fps": delivery.fps,
            "preset": delivery.preset,
        },
        "routes": {name: list(routes) for name, routes in settings.routes.items()},
        "budget": {
            **{name: str(Decimal(sum_) / 1_000_000) for name, sum_ in money.items() if sum_ is not None},
            "unknown_prices": budget.unknown_prices,
        },
        "providers": _plain(settings.providers),
        "lanes": dict(settings.lanes),
        "film": {name: getattr(settings, name) for name in ("language", "faces", "style")},
        "script": {"os": settings.os},
        "cast": _plain(attrs.asdict(settings.cast)),
    }


def _plain(value: Any) -> Any:
    """A value of recorded settings as TOML would give it: changeable tables and lists."""
    if hasattr(value, "items"):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"] if "\n" not in text else text
    except (tomllib.TOMLDecodeError, KeyError):
        return text


def _put(data: dict[str, Any], key: str, value: Any) -> None:
    table, *rest = key.split(".")
    if table == "plugins":
        raise BadSetting(f"--set {key}: leave a plugin out with --without NAME")
    if table == "rules":
        raise BadSetting(f"--set {key}: rules are not set by a word; name another model in routes")
    if key == "film.series":
        raise BadSetting("--set film.series: a fork stays in the series of its source")
    if not rest:
        raise BadSetting(f"--set {key}: write the table too, like delivery.fps=30")
    if key == "delivery.profile":
        data["delivery"] = {}  # a profile brings its own size and rate
    if key == "routes.profile":
        data["routes"] = {}
    place = data.setdefault(table, {})
    for name in rest[:-1]:
        place = place.setdefault(name, {})
        if not isinstance(place, dict):
            raise BadSetting(f"--set {key}: {name} is no table")
    place[rest[-1]] = value
