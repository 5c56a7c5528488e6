"""The cast of a series: what each character looks and sounds like, the same in every episode."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from .artifact import Artifact
from .codec import upcast
from .kinds import event

__all__ = [
    "AppearancePlanned",
    "CastSettled",
    "CharacterCast",
    "CharacterChanged",
    "CharacterWritten",
    "CharactersMerged",
    "Costume",
    "LooksMeasured",
    "LooksWanted",
    "Profile",
    "Relation",
    "SheetDrawn",
    "SheetWanted",
    "Voice",
    "older_profile",
]


@frozen
class Profile:
    """A character's looks, in words that a painter draws and a model is told.

    `gender`: female | male | neutral; `face`: oval | round | square | heart | long | diamond; `skin`,
    `hair_colour`, `eyes`, `clothes_colour`, `accent_colour`: "#rrggbb"; `hair_style`: long | bob | bun |
    ponytail | braid | short | crew | side-part | slick | curly | bald; `build`: slim | average | broad |
    heavy; `clothes`: qipao | changshan | suit | shirt | jacket | dress | sweater | coat | hoodie | uniform |
    robe; `marks`: beard | moustache | goatee | glasses | wrinkles | mole | scar.

    The rest is free words for a model, "" or () where nobody said: `age_range` ("late twenties"),
    `hair_length`, `eye_shape`, `expressions` (patterns: "smiles with one corner of the mouth"), `height`,
    `posture`, `ethnicity`, `features` (distinctive marks: "a scar through the left brow").
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
    age_range: str = ""
    hair_length: str = ""
    eye_shape: str = ""
    expressions: tuple[str, ...] = ()
    height: str = ""
    posture: str = ""
    ethnicity: str = ""
    features: tuple[str, ...] = ()


_WORDS: dict[str, Any] = {
    "age_range": "",
    "hair_length": "",
    "eye_shape": "",
    "expressions": [],
    "height": "",
    "posture": "",
    "ethnicity": "",
    "features": [],
}


def older_profile(body: dict[str, Any]) -> dict[str, Any]:
    """A profile as it was written before the free words came in, for the upcasts of what holds one."""
    return {**body, **_WORDS}


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


@frozen
class Costume:
    """What a character wears instead of the usual, by name; `words` tell a model what no painter knows."""

    name: str
    clothes: str
    clothes_colour: str
    accent_colour: str
    words: str


@frozen
class Relation:
    """What another character is to this one."""

    character: str
    what: str


@event(home="series", once=("series", "character"), subject=("character",), schema=2)
@frozen
class CharacterCast:
    """A character gets a face and a voice, once for the whole series. `why` says what each came from.

    `references` are pictures of this person that a person brought, best first.
    """

    series: str
    character: str
    profile: Profile
    voice: Voice
    why: str
    costumes: tuple[Costume, ...] = ()
    backstory: str = ""
    relations: tuple[Relation, ...] = ()
    references: tuple[Artifact, ...] = ()


@event(home="series", subject=("character",), schema=2)
@frozen
class CharacterChanged:
    """A person changes a character's looks or voice; later requests use the new ones."""

    series: str
    character: str
    profile: Profile
    voice: Voice
    why: str
    costumes: tuple[Costume, ...] = ()
    backstory: str = ""
    relations: tuple[Relation, ...] = ()
    references: tuple[Artifact, ...] = ()


@upcast("character_cast", 1)
@upcast("character_changed", 1)
def _without_words(body: dict[str, Any]) -> dict[str, Any]:
    more: dict[str, Any] = {"costumes": [], "backstory": "", "relations": [], "references": []}
    return {**body, "profile": older_profile(body["profile"]), **more}


@event(home="episode", once=("revision",))
@frozen
class CastSettled:
    """All `characters` whom a model was asked about, or whose pictures were looked at, are cast.

    Where sheets were waited for, they are there. Pictures and voices may be asked for.
    """

    revision: int
    characters: tuple[str, ...]


@event(home="series", subject=("character", "source"))
@frozen
class CharacterWritten:
    """What a person wrote about a character, in a file or on the command line.

    `source`: "cast/NAME" for the files of that name in the studio, "command" for the command line; `digest`
    is that of the files, "" for a command. A later one of a file replaces the earlier; those of commands add
    up, field by field, and an empty value takes a field back. `fields` maps names to values as text:
    "age", "costumes.wedding.clothes", "relations.NAME", "scenes.S03", "aliases", ...; `pictures` show this
    person.
    """

    series: str
    character: str
    source: str
    digest: str
    fields: dict[str, str] = field(factory=dict)
    pictures: tuple[Artifact, ...] = ()


@event(home="series", subject=("alias",))
@frozen
class CharactersMerged:
    """A person says that `alias` is another name of `character`."""

    series: str
    character: str
    alias: str
    why: str


@event(home="episode", subject=("character",))
@frozen
class LooksWanted:
    """The colours of a character's picture are to be measured, before a face is chosen."""

    revision: int
    character: str
    picture: Artifact


@event(home="episode", subject=("character",), address=("revision", "character"))
@frozen
class LooksMeasured:
    """The colours of a picture of one person, "#rrggbb", or "" where none was found; `why` says how."""

    revision: int
    character: str
    skin: str
    hair_colour: str
    clothes_colour: str
    accent_colour: str
    why: str


@event(home="episode", subject=("scene", "character"))
@frozen
class AppearancePlanned:
    """How a character looks in a scene where it is not the usual way: what was said there, or before and not
    taken back.

    `costume` None = the usual clothes; of one that the bible does not know by name, "" = as usual; `age` in
    years, 0 = the profile's, and `years` are added to it; `state`: words like wet, wounded, drunk, mourning.
    `why` names the source line of each, or that a person decided it.
    """

    revision: int
    scene: str
    character: str
    costume: Costume | None
    age: int
    years: int
    state: tuple[str, ...]
    why: str


@event(home="episode", subject=("character",), once=("revision", "character", "looks", "asked"))
@frozen
class SheetWanted:
    """A character's sheet is wanted: front, side, three quarters and expressions of these looks.

    `looks` is the digest of what the sheet must show; `asked` counts from 1, so that a person may ask again;
    `drawn`: by the painter of this machine, else by the routed picture model. `awaited`: the episode's
    pictures wait for it.
    """

    revision: int
    series: str
    character: str
    profile: Profile
    identity: str
    looks: str
    asked: int
    drawn: bool
    awaited: bool
    references: tuple[Artifact, ...]


@event(home="series", subject=("character",), address=("series",))
@frozen
class SheetDrawn:
    """A character's sheet, the reference of later requests; `looks` is the digest of what it was made from.

    `views` are what it shows, from the left and the top; `route` made it.
    """

    series: str
    character: str
    sheet: Artifact
    looks: str
    views: tuple[str, ...]
    route: str
