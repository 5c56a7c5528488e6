"""The cast of a series: what each character looks and sounds like, the same in every episode."""

from __future__ import annotations

from attrs import frozen

from .kinds import event

__all__ = ["CastSettled", "CharacterCast", "CharacterChanged", "Profile", "Voice"]


@frozen
class Profile:
    """A character's looks, in words that a painter draws and a model is told.

    `gender`: female | male | neutral; `face`: oval | round | square | heart | long | diamond; `skin`,
    `hair_colour`, `eyes`, `clothes_colour`, `accent_colour`: "#rrggbb"; `hair_style`: long | bob | bun |
    ponytail | braid | short | crew | side-part | slick | curly | bald; `build`: slim | average | broad |
    heavy; `clothes`: qipao | changshan | suit | shirt | jacket | dress | sweater | coat | hoodie | uniform |
    robe; `marks`: beard | moustache | goatee | glasses | wrinkles | mole | scar.
    """

    gender: str
    age: int
    face: str
    skin: str
    hair_style: str
    hair_colour: str
    eyes: str
    build: str
    clothes: str
    clothes_colour: str
    accent_colour: str
    marks: tuple[str, ...]


@frozen
class Voice:
    """A character's voice in engine-neutral terms.

    `timbre` counts the voices of one gender from 0, so that no two in a cast are alike; `pitch` 0..99 (50 is
    the speaker's own middle); `rate` is a percentage of normal speed.
    """

    gender: str
    timbre: int
    pitch: int
    rate: int


@event(home="series", once=("series", "character"), subject=("character",))
@frozen
class CharacterCast:
    """A character gets a face and a voice, once for the whole series. `why` says what each came from."""

    series: str
    character: str
    profile: Profile
    voice: Voice
    why: str


@event(home="episode", once=("revision",))
@frozen
class CastSettled:
    """All `characters` that a chat model was asked about are cast: pictures and voices may be asked for."""

    revision: int
    characters: tuple[str, ...]


@event(home="series", subject=("character",))
@frozen
class CharacterChanged:
    """A person changes a character's looks or voice; later requests use the new ones."""

    series: str
    character: str
    profile: Profile
    voice: Voice
    why: str
