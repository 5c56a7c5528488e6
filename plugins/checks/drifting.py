"""Drift over a series: every appearance of everybody in all its films, and how often takes were asked again
(no plugin)."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ...core.episode import Episode
from ...core.takes import newest_cut
from ...events.calls import ImageRequested
from ...events.cut import CutRequested
from .apart import CLOTH, Apart, apart, references_of
from .onscreen import people_in

if TYPE_CHECKING:
    from ...core.artifacts import Artifacts

__all__ = ["CROP", "Appearance", "Rate", "appearances", "rate_of", "strip", "summary"]

CROP = 120
"""How tall a head is in a strip, in pixels."""
_ROW, _LABEL, _GAP = 10, 34, 6
_COLOURS = {"passed": "#2f8f4e", "warned": "#c98a1a", "failed": "#c0392b"}


@frozen
class Appearance:
    """Somebody in one shot of one film."""

    episode: str
    apart: Apart

    @property
    def verdict(self) -> str:
        """passed | warned | failed."""
        return "failed" if self.apart.fails else "warned" if self.apart.warns else "passed"

    def plain(self) -> dict[str, Any]:
        """As one row of a table."""
        one = self.apart
        return {
            "character": one.person.figure.character,
            "episode": self.episode,
            "shot": one.person.shot,
            "take": one.person.take,
            "start_s": round(one.person.start_s, 2),
            "face": None if one.face is None else round(one.face, 3),
            "face_limit": one.face_limit,
            "clothes": None if one.cloth is None else round(one.cloth, 1),
            "clothes_limit": CLOTH,
            "slope": round(one.slope, 3),
            "verdict": self.verdict,
        }


@frozen
class Rate:
    """How many shots an episode has, and how many further takes of their pictures were asked for."""

    episode: str
    shots: int
    again: int


def appearances(episode: Episode, artifacts: Artifacts) -> Iterator[Appearance]:
    """Everybody who could be measured in the newest film of an episode; nothing where there is no film.

    Raises FilmError for a film that cannot be read, FileNotFoundError or BadArtifact for one that is lost.
    """
    from ..media.appearance import measure

    cut = newest_cut(episode)
    plans = [] if cut is None else [one for one in episode.all(CutRequested) if one.inputs == cut.inputs]
    if cut is None or not plans:
        return
    people = list(people_in(plans[-1], episode, artifacts))
    looks = [look for one in people for look in one.looks]
    size = plans[-1].width, plans[-1].height
    film = artifacts.path(cut.film)
    seen = list(measure(film, size, looks, references_of(people), crops=CROP))
    for person in people:
        found = apart(person, seen)
        if found is not None:
            yield Appearance(episode.name, found)


def rate_of(episode: Episode) -> Rate:
    """How often pictures of the newest revision's shots were asked for again."""
    takes: dict[str, set[int]] = {}
    for one in episode.all(ImageRequested):
        if one.purpose == "shot":
            takes.setdefault(one.subject, set()).add(one.take)
    return Rate(episode.name, len(takes), sum(len(found) - 1 for found in takes.values()))


def summary(found: Iterable[Appearance]) -> dict[str, dict[str, Any]]:
    """Per character: how often and in how many episodes seen, middle and largest distances, how many fail.

    Distances of faces are in their own limits, since a small face has a wider one.
    """
    by_name: dict[str, list[Appearance]] = {}
    for one in found:
        by_name.setdefault(one.apart.person.figure.character, []).append(one)
    made: dict[str, dict[str, Any]] = {}
    for name, mine in sorted(by_name.items()):
        faces = sorted(a.apart.face / a.apart.face_limit for a in mine if a.apart.face is not None)
        cloths = sorted(a.apart.cloth for a in mine if a.apart.cloth is not None)
        made[name] = {
            "appearances": len(mine),
            "episodes": len({a.episode for a in mine}),
            "face_middle": round(faces[len(faces) // 2], 3) if faces else None,
            "face_worst": round(faces[-1], 3) if faces else None,
            "clothes_middle": round(cloths[len(cloths) // 2], 1) if cloths else None,
            "clothes_worst": round(cloths[-1], 1) if cloths else None,
            "failed": sum(a.verdict == "failed" for a in mine),
            "warned": sum(a.verdict == "warned" for a in mine),
        }
    return made


def strip(found: list[Appearance]) -> bytes:
    """A PNG with every appearance of one character in order: the bible's view, then head by head.

    Below each stand episode, shot and the face's distance, framed by verdict.
    """
    from PIL import Image, ImageDraw, ImageFont

    from ..media.appearance import crop_of, drawn_reference
    from ..media.fonts import font_for

    first = found[0].apart.person
    sheet = drawn_reference(first.profile, first.figure.character).sheets[0]
    cells = [(crop_of(sheet.pixels, sheet.face, CROP), first.figure.character, "", "#444444")]
    for one in found:
        crop = one.apart.shown.crop
        if crop is not None:
            far = "" if one.apart.face is None else f"{one.apart.face:.2f}"
            text = f"{one.apart.person.shot} {far}"
            cells.append((crop, one.episode, text, _COLOURS[one.verdict]))
    width = max(crop.width for crop, _, _, _ in cells) + 2 * _GAP
    height = CROP + 2 * _GAP + _LABEL
    rows = -(-len(cells) // _ROW)
    page = Image.new("RGB", (width * min(_ROW, len(cells)), height * rows), "#f4f1ec")
    pen = ImageDraw.Draw(page)
    for number, (crop, above, below, colour) in enumerate(cells):
        x, y = number % _ROW * width, number // _ROW * height
        left = x + (width - crop.width) // 2
        pen.rectangle((left - 3, y + _GAP - 3, left + crop.width + 2, y + _GAP + CROP + 2), fill=colour)
        page.paste(crop, (left, y + _GAP))
        for line, text in enumerate((above, below)):
            font = ImageFont.truetype(str(font_for(text or " ")), 12)
            short = text
            while short and pen.textlength(short, font=font) > width - 4:
                short = short[:-1]
            pen.text((x + 4, y + CROP + 2 * _GAP + line * 15), short, fill="#222222", font=font)
    out = io.BytesIO()
    page.save(out, "PNG")
    return out.getvalue()
