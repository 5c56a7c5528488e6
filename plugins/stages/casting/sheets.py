"""A character's sheet: what it must show, who makes it, and which picture later requests refer to."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

import attrs
import orjson

from ....core.episode import Episode, inputs_digest
from ....core.routing import candidates, provider_of
from ....events.artifact import Artifact
from ....events.calls import ImageRequested, ImageReturned
from ....events.cast import (
    CastSettled,
    CharacterCast,
    CharacterChanged,
    Profile,
    SheetDrawn,
    SheetWanted,
)
from ....events.scenes import Figure, Picture
from ....events.script import ScriptParsed
from ..writing.identity import block, worn

if TYPE_CHECKING:
    from ....core.desk import Desk

__all__ = [
    "EXPRESSIONS",
    "PURPOSE",
    "VIEWS",
    "drawn",
    "reference_of",
    "requested",
    "returned",
    "sheet_wanted",
    "sheets_wanted",
]

PURPOSE = "sheet"
BACKDROP = "plain grey backdrop"  # as the painter knows it
DRAWS = "local"  # the provider that draws from facts: it follows no reference and needs no model
VIEWS = ("front", "side", "three quarters")  # as a model is asked for them
DRAWN = {
    "front": "camera",
    "three quarters from the left": "left",
    "three quarters from the right": "right",
    "back": "away",
}  # as the painter can turn a figure
EXPRESSIONS = ("neutral", "happy", "angry", "sad")
WIDTH, HEIGHT = 1536, 1024
_ASKED = (
    "Character reference sheet of one person. Upper row, whole figure from head to feet: front view, side "
    "view in profile, three-quarter view. Lower row, only the face from the front: neutral, happy, angry, "
    "sad. The same person, clothes and light in every view; plain light grey background; nobody else."
)
Cast = CharacterCast | CharacterChanged


def looks_of(cast: Cast) -> tuple[str, str]:
    """(the identity text of a character's usual looks, the digest of all that a sheet must show)."""
    identity = f"{block(cast.character, cast.profile)}\n{worn(cast.profile, None, ())}"
    plain = orjson.dumps(attrs.asdict(cast.profile), option=orjson.OPT_SORT_KEYS).decode()
    return identity, inputs_digest(plain, identity)


def sheet_wanted(cast: Cast, episode: Episode, *, awaited: bool) -> SheetWanted:
    """The wish for a character's sheet in an episode; drawn on this machine where its painter is routed."""
    identity, looks = looks_of(cast)
    earlier = episode.all(SheetWanted, cast.character)
    return SheetWanted(
        episode.revision,
        episode.series,
        cast.character,
        cast.profile,
        identity,
        looks,
        1 + max((one.asked for one in earlier), default=0),
        _draws(
            episode, _request(episode.revision, cast.character, cast.profile, identity, 1, cast.references)
        ),
        awaited,
        cast.references,
    )


def sheets_wanted(event: ScriptParsed, episode: Episode, new: list[CharacterCast]) -> Iterator[SheetWanted]:
    """The sheets of a script's characters who have none of their looks, where a model draws the pictures."""
    cast: dict[str, Cast] = {**episode.cast, **{one.character: one for one in new}}
    for note in event.characters:
        known = cast.get(note.name)
        if known is None or sheet_of(episode, known) is not None:
            continue
        wanted = sheet_wanted(known, episode, awaited=True)
        if not wanted.drawn:
            yield wanted


def sheet_of(episode: Episode, cast: Cast) -> Artifact | None:
    """A character's newest sheet, if it shows the looks that the character has now."""
    _, looks = looks_of(cast)
    found = [one for one in episode.series_view.all(SheetDrawn) if one.character == cast.character]
    return found[-1].sheet if found and found[-1].looks == looks else None


def reference_of(episode: Episode, cast: Cast) -> Artifact | None:
    """The picture that a request refers to: the sheet, else the first picture that a person brought."""
    return sheet_of(episode, cast) or (cast.references[0] if cast.references else None)


def requested(event: SheetWanted, episode: Episode) -> ImageRequested:
    """The request for a sheet, with the pictures that a person brought."""
    earlier = episode.last(ImageRequested, event.character, PURPOSE)
    take = max(event.asked, 1 if earlier is None else earlier.take)
    return _request(event.revision, event.character, event.profile, event.identity, take, event.references)


def returned(event: ImageReturned, episode: Episode) -> Iterator[SheetDrawn | CastSettled]:
    """The sheet that came, and the cast settled when it was the last that was waited for."""
    asked = episode.record(event.request)
    if asked is None or not isinstance(asked.event, ImageRequested) or asked.event.purpose != PURPOSE:
        return
    wanted = episode.last(SheetWanted, event.subject)
    if wanted is None:
        return
    yield SheetDrawn(
        episode.series, event.subject, event.image, wanted.looks, (*VIEWS, *EXPRESSIONS), event.route
    )
    awaited = [one for one in episode.all(SheetWanted) if one.awaited]
    there = {event.subject} | {one.character for one in awaited if _came(episode, one.character)}
    if awaited and episode.last(CastSettled) is None and all(one.character in there for one in awaited):
        yield CastSettled(episode.revision, tuple(dict.fromkeys(one.character for one in awaited)))


def _came(episode: Episode, character: str) -> bool:
    asked = episode.last_record(ImageRequested, character, PURPOSE)
    if asked is None:
        return False
    return any(one.request == asked.position for one in episode.all(ImageReturned, character))


def drawn(event: SheetWanted, desk: Desk) -> SheetDrawn:
    """The sheet as this machine's painter draws it."""
    from PIL import Image

    from ...media.painter import paint

    whole = Image.new("RGB", (WIDTH, HEIGHT), (226, 226, 224))
    upper, lower = HEIGHT * 5 // 8, HEIGHT * 3 // 8
    wide = WIDTH // 4
    for number, facing in enumerate(DRAWN.values()):
        picture = _picture(event.character, event.profile, "", "FS", facing, "neutral")
        _paste(
            whole,
            paint(attrs.asdict(picture), wide, upper).png,
            number * wide,
            0,
            wide,
            upper,
        )
    for number, expression in enumerate(EXPRESSIONS):
        picture = _picture(event.character, event.profile, "", "CU", "camera", expression)
        _paste(whole, paint(attrs.asdict(picture), wide, lower).png, number * wide, upper, wide, lower)
        desk.progress(number + 1, len(EXPRESSIONS))
    data = io.BytesIO()
    whole.save(data, "PNG", optimize=False)
    sheet = desk.artifacts.put(data.getvalue(), "image/png")
    return SheetDrawn(
        event.series, event.character, sheet, event.looks, (*DRAWN, *EXPRESSIONS), f"{DRAWS}:painter"
    )


def _paste(whole: object, png: bytes, x: int, y: int, width: int, height: int) -> None:
    """A plate is larger than what was asked: its middle is shown."""
    from PIL import Image

    assert isinstance(whole, Image.Image)
    with Image.open(io.BytesIO(png)) as plate:
        left, top = (plate.width - width) // 2, (plate.height - height) // 2
        whole.paste(plate.crop((left, top, left + width, top + height)), (x, y))


def _draws(episode: Episode, request: ImageRequested) -> bool:
    routes = candidates(episode.settings, "image", request)
    return not routes or provider_of(routes[0].route) == DRAWS


def _picture(
    character: str, profile: Profile, identity: str, size: str, facing: str, expression: str
) -> Picture:
    figure = Figure(character, profile, "centre", facing, expression, "stand", False, identity)
    return Picture(BACKDROP, True, "day", "clear", size, "eye", (figure,), False, (), "", "")


def _request(
    revision: int,
    character: str,
    profile: Profile,
    identity: str,
    take: int,
    references: tuple[Artifact, ...],
) -> ImageRequested:
    picture = _picture(character, profile, identity, "SHEET", "camera", "neutral")
    return ImageRequested(
        revision,
        character,
        PURPOSE,
        take,
        WIDTH,
        HEIGHT,
        picture,
        inputs=references,
        traits={
            "characters": character,
            "people": "1",
            "crowd": "no",
            "reference": "yes" if references else "no",
            "kind": "sheet",
        },
        words=_ASKED,
    )
