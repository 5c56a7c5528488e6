"""The settings in force: defaults, then duanju.toml, then the environment, then flags; read once, checked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import attrs
import orjson
from attrs import field, frozen

from .errors import BadSetting

__all__ = [
    "CAPABILITIES",
    "DELIVERIES",
    "PROFILES",
    "Budget",
    "Delivery",
    "Settings",
    "load_settings",
    "micro",
]

CAPABILITIES = ("chat", "image", "video", "speech", "lipsync")
_NAME = re.compile(r"^[a-z][a-z0-9_-]{0,39}$")
_ROUTE = re.compile(r"^[a-z][a-z0-9_-]{0,39}:[\w./@:+-]{1,120}$")


@frozen
class Delivery:
    """What the file that ships must be: pixels, frames per second, hundredths of LUFS and of dBTP.

    Sources: 1080x1920 and 24-60 fps as short-drama platforms take it; -16 LUFS is web practice; -1 dBTP is
    EBU R 128, so the mix is limited at -1.5 because AAC may add to a peak.
    """

    name: str
    width: int
    height: int
    fps: int = 25
    loudness_cb: int = -1600
    loudness_within_cb: int = 100
    peak_cb: int = -150
    peak_max_cb: int = -100
    preset: str = "veryfast"


DELIVERIES: dict[str, Delivery] = {
    "web-vertical": Delivery("web-vertical", 1080, 1920),
    "web-wide": Delivery("web-wide", 1920, 1080),
}


@frozen
class Budget:
    """Caps in micro-dollars; None = no cap. `repeat_below`: a cheaper call may be sent again in doubt."""

    call: int | None = None
    episode: int | None = None
    series: int | None = None
    day: int | None = None
    repeat_below: int = 10_000
    unknown_prices: bool = False


def _default_routes() -> dict[str, tuple[str, ...]]:
    return {
        "chat": (),
        "image": ("local:painter",),
        "video": (),
        "speech": ("local:espeak",),
        "lipsync": (),
    }


# A profile is a set of routes that takes the place of the file's.
PROFILES: dict[str, dict[str, tuple[str, ...]]] = {"local": _default_routes()}


@frozen
class Settings:
    """The settings of one run, without secrets: recorded as an artifact, and all a reaction may look at.

    `lanes` maps a lane's name to its width; `providers` maps an instance's name to its own table;
    `language`: auto | zh | en; `os_lips`: whether OS lines are off-screen speech or inner monologue does
    not matter to the lips, which stay closed for both.
    """

    delivery: Delivery = DELIVERIES["web-vertical"]
    routes: dict[str, tuple[str, ...]] = field(factory=_default_routes)
    budget: Budget = Budget()
    providers: dict[str, dict[str, Any]] = field(factory=dict)
    lanes: dict[str, int] = field(factory=dict)
    disabled: tuple[str, ...] = ()
    language: str = "auto"
    series: str = ""

    def to_json(self) -> bytes:
        """Canonical bytes: the same settings always give the same artifact."""
        return orjson.dumps(attrs.asdict(self), option=orjson.OPT_SORT_KEYS)

    @classmethod
    def from_json(cls, data: bytes) -> Settings:
        """Reads what `to_json` wrote. Raises BadSetting when it is something else."""
        try:
            raw = orjson.loads(data)
            raw["delivery"] = Delivery(**raw["delivery"])
            raw["budget"] = Budget(**raw["budget"])
            raw["routes"] = {k: tuple(v) for k, v in raw["routes"].items()}
            raw["disabled"] = tuple(raw["disabled"])
            return cls(**raw)
        except (orjson.JSONDecodeError, TypeError, KeyError, AttributeError) as error:
            raise BadSetting(f"the recorded settings cannot be read: {error}") from None

    def decisive(self) -> bytes:
        """The part that decides what is made: when it changes, an episode needs a new revision."""
        plain = attrs.asdict(self)
        return orjson.dumps(
            {k: plain[k] for k in ("delivery", "routes", "providers", "language")},
            option=orjson.OPT_SORT_KEYS,
        )


MOST = 1_000_000_000 * 1_000_000
"""The largest amount, in micro-dollars: what the log's integers surely hold, also when summed."""


def micro(dollars: object) -> int:
    """Dollars as people write them ("2.50", 2, 0.42) -> micro-dollars. Raises ValueError."""
    try:
        value = Decimal(str(dollars)) * 1_000_000
    except InvalidOperation:
        raise ValueError(f"{dollars!r} is no amount of dollars") from None
    if not value.is_finite() or value < 0 or value > MOST or value != value.to_integral_value():
        raise ValueError(f"{dollars!r} is no amount of dollars (0 to a billion, at most 6 decimals)")
    return int(value)


class _Reader:
    """One TOML file, able to say on which line a key stands."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise BadSetting(f"{path} is no UTF-8 text; save it as UTF-8") from None
        except OSError as error:
            raise BadSetting(f"{path} cannot be read: {error.strerror}") from None
        try:
            self.data: dict[str, Any] = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            raise BadSetting(f"{path}: {error}; see https://toml.io for the syntax") from None

    def line(self, table: str, key: str) -> int:
        """The line of a key in a table, 1 where it cannot be told."""
        current = ""
        for number, text in enumerate(self.text.splitlines(), 1):
            head = re.match(r"^\s*\[([^\[\]]+)\]", text)
            if head:
                current = head[1].replace(" ", "").replace('"', "")
                if f"{table}.{key}".strip(".") == current:
                    return number
            elif re.match(rf"^\s*[\"']?{re.escape(key)}[\"']?\s*[=.]", text) and current == table:
                return number
        return 1

    def bad(self, table: str, key: str, why: str) -> BadSetting:
        """The error for a key, with its place."""
        name = f"{table}.{key}" if table else key
        return BadSetting(f"{self.path}, line {self.line(table, key)}: {name}: {why}")


_TABLES = ("delivery", "routes", "budget", "providers", "lanes", "plugins", "film")


def load_settings(
    path: Path | None = None,
    env: Mapping[str, str] | None = None,
    *,
    delivery: str | None = None,
    budget: str | None = None,
    profile: str | None = None,
) -> Settings:
    """Reads the settings in force. `env` may bring DUANJU_DELIVERY and DUANJU_BUDGET (dollars an episode).

    Raises BadSetting with file, line, key and what would be right.
    """
    settings = Settings()
    if path is not None and path.exists():
        settings = _from_toml(_Reader(path))
    env = env or {}
    name = delivery if delivery is not None else env.get("DUANJU_DELIVERY")
    if name is not None and (name or delivery is not None):
        source = "--delivery" if delivery is not None else "DUANJU_DELIVERY"
        if name not in DELIVERIES:
            raise BadSetting(f"{source}: no delivery profile {name!r}; there are: {', '.join(DELIVERIES)}")
        if name != settings.delivery.name:
            settings = attrs.evolve(settings, delivery=DELIVERIES[name])
    if profile is not None:
        if profile not in PROFILES:
            raise BadSetting(f"--profile: no profile {profile!r}; there are: {', '.join(PROFILES)}")
        settings = attrs.evolve(settings, routes=dict(PROFILES[profile]))
    cap = budget if budget is not None else env.get("DUANJU_BUDGET")
    if cap is not None and (cap or budget is not None):
        source = "--budget" if budget is not None else "DUANJU_BUDGET"
        try:
            settings = attrs.evolve(settings, budget=attrs.evolve(settings.budget, episode=micro(cap)))
        except ValueError as error:
            raise BadSetting(f"{source}: {error}; write dollars, like 2.50") from None
    return settings


def _from_toml(file: _Reader) -> Settings:
    for key in file.data:
        if key not in _TABLES:
            raise file.bad("", key, f"no such table; there are: {', '.join(_TABLES)}")
    for key in file.data:
        if not isinstance(file.data[key], dict):
            raise file.bad("", key, f"must be a table: write [{key}] and its keys below")
    return Settings(
        delivery=_delivery(file),
        routes=_routes(file),
        budget=_budget(file),
        providers=_providers(file),
        lanes=_lanes(file),
        disabled=_disabled(file),
        **_film(file),
    )


def _known(file: _Reader, table: str, keys: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = file.data.get(table, {})
    for key in found:
        if key not in keys:
            raise file.bad(table, key, f"no such setting; there are: {', '.join(keys)}")
    return found


def _whole(file: _Reader, table: str, key: str, value: object, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise file.bad(table, key, f"{value!r} must be a whole number from {low} to {high}")
    return value


_PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium")


def _delivery(file: _Reader) -> Delivery:
    raw = _known(file, "delivery", ("profile", "width", "height", "fps", "preset"))
    name = raw.get("profile", "web-vertical")
    if name not in DELIVERIES:
        raise file.bad(
            "delivery", "profile", f"no delivery profile {name!r}; there are: {', '.join(DELIVERIES)}"
        )
    made = DELIVERIES[name]
    for key, low, high in (("width", 128, 3840), ("height", 128, 3840), ("fps", 12, 60)):
        if key in raw:
            value = _whole(file, "delivery", key, raw[key], low, high)
            if key != "fps" and value % 2:
                raise file.bad("delivery", key, f"{value} must be even, as H.264 needs it")
            change: dict[str, Any] = {key: value}
            made = attrs.evolve(made, **change)
    if "preset" in raw:
        if raw["preset"] not in _PRESETS:
            raise file.bad("delivery", "preset", f"{raw['preset']!r} must be one of {', '.join(_PRESETS)}")
        made = attrs.evolve(made, preset=raw["preset"])
    return made


def _routes(file: _Reader) -> dict[str, tuple[str, ...]]:
    routes = _default_routes()
    for key, value in _known(file, "routes", CAPABILITIES).items():
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list):
            raise file.bad("routes", key, 'must be a list like ["local:painter"]')
        for one in listed:
            if not isinstance(one, str) or not _ROUTE.fullmatch(one):
                raise file.bad("routes", key, f'{one!r} must be "PROVIDER:MODEL", like "local:painter"')
        routes[key] = tuple(listed)
    return routes


def _budget(file: _Reader) -> Budget:
    keys = ("call", "episode", "series", "day", "repeat_below", "unknown_prices")
    made = Budget()
    for key, value in _known(file, "budget", keys).items():
        if key == "unknown_prices":
            if not isinstance(value, bool):
                raise file.bad("budget", key, f"{value!r} must be true or false")
            made = attrs.evolve(made, unknown_prices=value)
            continue
        try:
            if isinstance(value, bool):
                raise ValueError(f"{value!r} is no amount of dollars")
            change: dict[str, Any] = {key: micro(value)}
            made = attrs.evolve(made, **change)
        except ValueError as error:
            raise file.bad("budget", key, f"{error}; write dollars, like 2.50") from None
    return made


def _providers(file: _Reader) -> dict[str, dict[str, Any]]:
    tables: dict[str, dict[str, Any]] = file.data.get("providers", {})
    for name, table in tables.items():
        if not _NAME.fullmatch(name):
            raise file.bad("providers", name, "a provider's name is small letters, digits, - and _")
        if not isinstance(table, dict):
            raise file.bad("providers", name, f"must be a table: write [providers.{name}]")
        for key in table:
            if re.search(r"(key|secret|token|password)$", key, re.IGNORECASE):
                raise file.bad(
                    f"providers.{name}",
                    key,
                    f"keys never stand in a file; set {name.upper().replace('-', '_')}_API_KEY instead",
                )
    return tables


def _lanes(file: _Reader) -> dict[str, int]:
    return {
        key: _whole(file, "lanes", key, value, 1, 256) for key, value in file.data.get("lanes", {}).items()
    }


def _disabled(file: _Reader) -> tuple[str, ...]:
    value = _known(file, "plugins", ("disabled",)).get("disabled", [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise file.bad("plugins", "disabled", 'must be a list of names, like ["picture.black"]')
    return tuple(sorted(set(value)))


def _film(file: _Reader) -> dict[str, str]:
    raw = _known(file, "film", ("language", "series"))
    language = raw.get("language", "auto")
    if language not in ("auto", "zh", "en"):
        raise file.bad("film", "language", f"{language!r} must be auto, zh or en")
    series = raw.get("series", "")
    if not isinstance(series, str) or len(series) > 80:
        raise file.bad("film", "series", "must be a text of at most 80 characters")
    return {"language": language, "series": series}
