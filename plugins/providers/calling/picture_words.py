"""Words for a picture model from a picture's structured facts: the same facts give the same words."""

from __future__ import annotations

from ....events.cast import Profile
from ....events.scenes import Figure, Picture

__all__ = ["picture_words"]

_SIZES = {
    "EWS": "extreme wide shot",
    "WS": "wide shot",
    "FS": "full shot",
    "MS": "medium shot",
    "MCU": "medium close-up",
    "CU": "close-up",
    "ECU": "extreme close-up",
    "TWO": "two shot",
    "OTS": "over-the-shoulder shot",
    "INSERT": "insert of a detail",
}
_ANGLES = {"eye": "at eye level", "low": "from below", "high": "from above", "dutch": "tilted"}
_FACING = {
    "camera": "facing the camera",
    "left": "looking left",
    "right": "looking right",
    "away": "turned away",
}


def picture_words(picture: Picture, note: str = "", style: str = "", words: str = "") -> str:
    """The picture in words: its frame, place, people and mood; then a person's `note`, then the `style`.

    `words`, what a chat model wrote of it, stand for its action and for where everybody is. Whoever has an
    identity block is described by that block, to the letter, below all that changes from shot to shot.
    """
    place = f"{'inside' if picture.interior else 'outside'}, {picture.place}"
    when = ", ".join(part for part in (picture.time, picture.weather) if part and part != "clear")
    frame = f"{_SIZES.get(picture.size, picture.size)} {_ANGLES.get(picture.angle, picture.angle)}"
    sheet = picture.size == "SHEET"
    lines = [
        "A character reference sheet."
        if sheet
        else f"A film still, {frame}: {place}{f', {when}' if when else ''}.",
    ]
    if words.strip():
        lines.append(words.strip())
    else:
        lines += (picture.action.strip(), *(_figure(figure) for figure in picture.figures))
    if picture.crowd:
        lines.append("More people, without a name, are around.")
    if picture.objects:
        lines.append(f"Also in the picture: {', '.join(picture.objects)}.")
    if picture.mood:
        lines.append(f"Mood: {picture.mood}.")
    lines += (figure.identity for figure in picture.figures)
    lines.append("No text, captions or logos in the picture.")
    if note.strip():
        lines.append(f"Above all: {note.strip()}")
    if style.strip():
        lines.append(f"Style: {style.strip()}")
    return "\n".join(line for line in lines if line)


def _figure(figure: Figure) -> str:
    facing = _FACING.get(figure.facing, figure.facing)
    speaking = ", speaking" if figure.speaking else ""
    who = figure.character if figure.identity else f"{figure.character}, {looks(figure.profile)}"
    return f"{who}; {figure.position} of the frame, {facing}, {figure.expression}, {figure.pose}{speaking}."


def looks(profile: Profile) -> str:
    """A character's looks in words."""
    who = {"female": "a woman", "male": "a man"}.get(profile.gender, "a person")
    marks = f", with {', '.join(profile.marks)}" if profile.marks else ""
    return (
        f"{who} of {profile.age}, {profile.face} face, skin {profile.skin}, {profile.hair_style} hair "
        f"({profile.hair_colour}), eyes {profile.eyes}, {profile.build} build, in a {profile.clothes} "
        f"({profile.clothes_colour} with {profile.accent_colour}){marks}"
    )
