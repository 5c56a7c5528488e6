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
    "Casting",
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


@frozen
class Casting:
    """How the cast is kept itself: `aliases` maps other names to characters' names.

    `identity`: picture requests carry everybody's identity block; `sheet`: "auto" has a character's sheet
    made before the first picture where a picture model is routed, "never" only when a person asks for it.
    """

    identity: bool = True
    sheet: str = "never"
    aliases: dict[str, str] = field(factory=dict, converter=fixed)


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
    `language`: auto | zh | en; `os`: inner | off, whether the mark OS of a short-drama script is a thought
    (the speaker is seen, his lips closed) or speech from off the screen; `faces`: auto | drawn | photo, how
    the check character.appearance tells people apart; `style`: the series' look in words, "" for none.
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
    os: str = "inner"
    faces: str = "auto"
    cast: Casting = Casting()
    style: str = ""

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
            raw["cast"] = Casting(**raw.get("cast", {}))
            return cls(**raw)
        except (orjson.JSONDecodeError, TypeError, KeyError, AttributeError) as error:
            raise BadSetting(f"the recorded settings cannot be read: {error}") from None

    def decisive(self) -> bytes:
        """The part that decides what is made: when it changes, an episode needs a new revision."""
        plain = attrs.asdict(self)
        # A capability that came later, and has no route, decides nothing: older settings are still the same.
        plain["routes"] = {capability: routes for capability, routes in plain["routes"].items() if routes}
        os = {} if self.os == "inner" else {"os": self.os}  # settings older than `os` meant inner
        cast = {} if self.cast == Casting() else {"cast": plain["cast"]}
        return orjson.dumps(
            {k: plain[k] for k in ("delivery", "routes", "rules", "providers", "language")} | os | cast,
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
