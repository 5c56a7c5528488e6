"""What may be set: the values of one run, recorded with its episode, and all that a reaction may look at."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

import attrs
import orjson
from attrs import field, frozen

from ..events.fixed import fixed
from .errors import BadSetting
from .rules import Rule, rules_from_plain

__all__ = [
    "CAPABILITIES",
    "DELIVERIES",
    "Budget",
    "Delivery",
    "Settings",
    "micro",
]

CAPABILITIES = ("chat", "image", "video", "speech", "transcription", "lipsync")


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
    """Caps in micro-dollars; None = no cap. `repeat_below`: a cheaper call may be sent again in doubt.

    `credit`: what was given or paid in beforehand; what is spent is subtracted from it where it is shown.
    """

    call: int | None = None
    episode: int | None = None
    series: int | None = None
    day: int | None = None
    repeat_below: int = 10_000
    unknown_prices: bool = False
    credit: int | None = None


def _default_routes() -> dict[str, tuple[str, ...]]:
    return {
        "chat": (),
        "image": ("local:painter",),
        "video": (),
        "speech": ("local:espeak",),
        "transcription": (),
        "lipsync": (),
    }


@frozen
class Settings:
    """The settings of one run, without secrets: recorded as an artifact, and all a reaction may look at.

    `lanes` maps a lane's name to its width; `providers` maps an instance's name to its own table; without
    a plugin of `required` no engine starts;
    `language`: auto | zh | en; `os_lips`: whether OS lines are off-screen speech or inner monologue does
    not matter to the lips, which stay closed for both.
    """

    delivery: Delivery = DELIVERIES["web-vertical"]
    routes: dict[str, tuple[str, ...]] = field(factory=_default_routes, converter=fixed)
    rules: tuple[Rule, ...] = ()
    budget: Budget = Budget()
    providers: dict[str, dict[str, Any]] = field(factory=dict, converter=fixed)
    lanes: dict[str, int] = field(factory=dict, converter=fixed)
    disabled: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
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
            raw["rules"] = rules_from_plain(raw["rules"])
            raw["disabled"] = tuple(raw["disabled"])
            raw["required"] = tuple(raw["required"])
            return cls(**raw)
        except (orjson.JSONDecodeError, TypeError, KeyError, AttributeError) as error:
            raise BadSetting(f"the recorded settings cannot be read: {error}") from None

    def decisive(self) -> bytes:
        """The part that decides what is made: when it changes, an episode needs a new revision."""
        plain = attrs.asdict(self)
        # A capability that came later, and has no route, decides nothing: older settings are still the same.
        plain["routes"] = {capability: routes for capability, routes in plain["routes"].items() if routes}
        return orjson.dumps(
            {k: plain[k] for k in ("delivery", "routes", "rules", "providers", "language")},
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
