"""What the painter is told about one shot and what it gives back; tolerant of unknown words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import attrs

from . import words
from .colour import HEX
from .seed import choose, unit

MAX_TEXT = 200  # signs kept of any free text; a name or a place is never longer in a script that means it
MAX_FIGURES = 6  # drawn at most; more are left out, as they would cover each other
MAX_ITEMS = 16  # objects, marks


class PaintError(ValueError):
    """The picture cannot be painted as asked: the size is absurd or the description is no description."""


def _text(value: object) -> str:
    """Free text cut to a bounded length; anything that is no text or number counts as nothing."""
    if isinstance(value, str):
        return value[:MAX_TEXT]
    return (
        str(value)[:MAX_TEXT]
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**9
        else ""
    )


def _texts(value: object) -> tuple[str, ...]:
    """A bounded tuple of texts from a list, a tuple or one comma-separated text."""
    if isinstance(value, str):
        value = value[: MAX_TEXT * 4].replace("，", ",").replace("、", ",").split(",")
    if not isinstance(value, Iterable) or isinstance(value, (bytes, Mapping)):
        return ()
    out = []
    for item, _ in zip(value, range(MAX_ITEMS), strict=False):
        if text := _text(item).strip():
            out.append(text)
    return tuple(out)


def _colour(value: object) -> str:
    """#rrggbb in lower case, or nothing."""
    text = _text(value).strip().lower()
    if len(text) == 4 and text.startswith("#"):
        text = "#" + "".join(c * 2 for c in text[1:])
    return text if HEX.match(text) else ""


def _age(value: object) -> int:
    """A human age in years; unknown = 0."""
    if isinstance(value, str):
        digits = "".join(c for c in value[:8] if c in "0123456789")
        value = int(digits) if digits else 0
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return 0
    return int(min(110, max(0, value)))


SKINS = ("#f3d0b4", "#ecc19c", "#e0ac82", "#f6d9c4", "#d39b6e", "#c68a5c")
HAIR_COLOURS = ("#1b1518", "#2b1d18", "#14161d", "#3a241a", "#4a2f20")
EYES = ("#3b2417", "#241a16", "#4d3018", "#2c2a33")
FEMALE_COLOURS = ("#a8324a", "#2f6d74", "#7a4f8f", "#c0644a", "#3e5a9a", "#b98a3c", "#5b7f56")
MALE_COLOURS = ("#27405f", "#3a4a3c", "#5a3030", "#35363f", "#6b5236", "#2f5a66", "#514466")
ACCENTS = ("#d9a441", "#c8d4dc", "#b8324a", "#e6dcc8", "#4d8f8a")
FEMALE_HAIR = ("long", "bob", "bun", "ponytail", "braid", "wavy")
MALE_HAIR = ("short", "side-part", "crew", "slick", "curly")
FEMALE_CLOTHES = ("dress", "shirt", "sweater", "qipao", "coat", "jacket")
MALE_CLOTHES = ("suit", "shirt", "jacket", "changshan", "sweater", "coat")


@attrs.frozen
class Profile:
    """How a character looks in every shot; every word is one that the painter can draw."""

    gender: str = "neutral"
    age: int = 30
    face: str = "oval"
    skin: str = "#ecc19c"
    hair_style: str = "short"
    hair_colour: str = "#1b1518"
    eyes: str = "#3b2417"
    build: str = "average"
    clothes: str = "shirt"
    clothes_colour: str = "#27405f"
    accent_colour: str = "#d9a441"
    marks: tuple[str, ...] = ()

    @classmethod
    def read(cls, data: object, character: str = "") -> Profile:
        """A profile from a mapping; what is missing or unknown is chosen by the character's name."""
        if isinstance(data, Profile):
            # A profile made by hand may carry any text too: it goes through the same reading.
            data = attrs.asdict(data)
        given: Mapping[str, object] = data if isinstance(data, Mapping) else {}
        who = character.strip().lower()

        def word(key: str) -> str:
            return _text(given.get(key))

        gender = words.find_or_choose(word("gender"), words.GENDERS, ("female", "male"), who, "gender")
        feminine = gender == "female" or (gender == "neutral" and unit(who, "cut") < 0.5)
        age = _age(given.get("age")) or 22 + int(unit(who, "age") * 22)
        hair = _colour(given.get("hair_colour") or given.get("hair_color"))
        if not hair:
            hair = "#b9b6b4" if age >= 65 else choose(HAIR_COLOURS, who, "hair", word("hair_colour"))
        cloth_key = _colour(given.get("clothes_colour") or given.get("clothes_color"))
        marks = dict.fromkeys(
            m for item in _texts(given.get("marks")) for m in words.find_all(item, words.MARKS)
        )
        return cls(
            gender=gender,
            age=age,
            face=words.find_or_choose(word("face"), words.FACES, tuple(words.FACES), who, "face"),
            skin=_colour(given.get("skin")) or choose(SKINS, who, "skin", word("skin")),
            hair_style=words.find_or_choose(
                word("hair_style"), words.HAIR, FEMALE_HAIR if feminine else MALE_HAIR, who, "hair style"
            ),
            hair_colour=hair,
            eyes=_colour(given.get("eyes")) or choose(EYES, who, "eyes", word("eyes")),
            build=words.find_or_choose(
                word("build"), words.BUILDS, ("slim", "average", "average", "broad"), who, "build"
            ),
            clothes=words.find_or_choose(
                word("clothes"), words.CLOTHES, FEMALE_CLOTHES if feminine else MALE_CLOTHES, who, "clothes"
            ),
            clothes_colour=cloth_key
            or choose(FEMALE_COLOURS if feminine else MALE_COLOURS, who, "cloth", word("clothes_colour")),
            accent_colour=_colour(given.get("accent_colour") or given.get("accent_color"))
            or choose(ACCENTS, who, "accent", word("accent_colour")),
            marks=tuple(marks),
        )


@attrs.frozen
class Figure:
    """One character in the shot: where, turned where, doing and feeling what."""

    character: str = ""
    profile: Profile = attrs.field(factory=Profile)
    position: str = "centre"
    facing: str = "camera"
    expression: str = "neutral"
    pose: str = "stand"
    speaking: bool = False

    @classmethod
    def read(cls, data: object) -> Figure:
        """A figure from a mapping or from another figure."""
        if isinstance(data, Figure):
            data = {a.name: getattr(data, a.name) for a in attrs.fields(Figure)}
        if not isinstance(data, Mapping):
            raise PaintError(
                f"a figure must be a mapping with 'character', 'profile', ...; got {type(data).__name__}"
            )
        character = _text(data.get("character"))
        return cls(
            character=character,
            profile=Profile.read(data.get("profile"), character),
            position=words.find(_text(data.get("position")), words.POSITIONS, "centre"),
            facing=words.find(_text(data.get("facing")), words.FACINGS, "camera"),
            expression=words.find(_text(data.get("expression")), words.EXPRESSIONS, "neutral"),
            pose=words.find(_text(data.get("pose")), words.POSES, "stand"),
            speaking=data.get("speaking") is True,
        )


@attrs.frozen
class Picture:
    """One shot, as the painter understood it."""

    place: str = ""
    interior: bool = True
    time: str = "day"
    weather: str = "clear"
    size: str = "MS"
    angle: str = "eye"
    figures: tuple[Figure, ...] = ()
    crowd: bool = False
    objects: tuple[str, ...] = ()
    mood: str = ""
    action: str = ""

    @classmethod
    def read(cls, data: object) -> Picture:
        """A picture from a mapping or another picture; only something that is neither is refused."""
        if isinstance(data, Picture):
            data = {a.name: getattr(data, a.name) for a in attrs.fields(Picture)}
        if not isinstance(data, Mapping):
            raise PaintError(f"a picture must be a Picture or a mapping; got {type(data).__name__}")
        raw = data.get("figures") or ()
        if isinstance(raw, (str, bytes, Mapping)) or not isinstance(raw, Iterable):
            raise PaintError(f"figures must be a list of mappings; got {type(raw).__name__}")
        figures = tuple(Figure.read(item) for item, _ in zip(raw, range(MAX_FIGURES), strict=False))
        interior = data.get("interior")
        place = _text(data.get("place"))
        if not isinstance(interior, bool):
            interior = words.find(place, words.SETS) not in words.OUTDOOR
        return cls(
            place=place,
            interior=interior,
            time=words.find(_text(data.get("time")), words.TIMES, "day"),
            weather=words.find(_text(data.get("weather")), words.WEATHERS, "clear"),
            size=words.find(_text(data.get("size")), words.SIZES, "MS"),
            angle=words.find(_text(data.get("angle")), words.ANGLES, "eye"),
            figures=figures,
            crowd=data.get("crowd") is True,
            objects=_texts(data.get("objects")),
            mood=_text(data.get("mood")),
            action=_text(data.get("action")),
        )


@attrs.frozen
class Plate:
    """A painted shot: an opaque RGB PNG, the zip of what moves in it, and the plate's size in pixels."""

    png: bytes
    rig: bytes
    width: int
    height: int
