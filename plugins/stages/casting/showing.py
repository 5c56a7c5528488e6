"""A series' cast as data and as lines of text for a person."""

from __future__ import annotations

from typing import Any

import attrs

from ....core.words import columns, say
from ....events.cast import CharactersMerged, CharacterWritten, SheetDrawn
from ..writing.identity import block, colour_word, worn
from .knowledge import known_of
from .reading import Bible
from .sheets import looks_of

__all__ = ["listed", "print_list", "print_person", "told"]


def listed(bible: Bible) -> dict[str, Any]:
    """A series' cast: one entry a character, and the names that are written of and cast by nobody."""
    return {
        "series": bible.series,
        "characters": [_short(bible, name) for name in bible.cast],
        "written": bible.written,
    }


def _short(bible: Bible, name: str) -> dict[str, Any]:
    cast = bible.cast[name]
    sheet = _sheet(bible, name)
    return {
        "character": name,
        "other_names": _others(bible, name),
        "gender": cast.profile.gender,
        "age": cast.profile.age,
        "clothes": f"{colour_word(cast.profile.clothes_colour)} {cast.profile.clothes}",
        "hair": f"{colour_word(cast.profile.hair_colour)}, {cast.profile.hair_style}",
        "costumes": [one.name for one in cast.costumes],
        "pictures": len(cast.references),
        "sheet": None if sheet is None else sheet["sha256"],
    }


def told(bible: Bible, name: str) -> dict[str, Any]:
    """All that is known of one character."""
    written = bible.fold.all(CharacterWritten)
    known = known_of(name, written, bible.names)
    fields = {field: {"value": one.value, "source": known.source(field)} for field, one in known.said.items()}
    found: dict[str, Any] = {
        "series": bible.series,
        "character": name,
        "other_names": _others(bible, name),
        "cast": name in bible.cast,
        "written": fields,
    }
    if name not in bible.cast:
        return found
    cast = bible.cast[name]
    sources = {field: known.source(field) for field in attrs.fields_dict(type(cast.profile))}
    return found | {
        "profile": attrs.asdict(cast.profile),
        "sources": {field: source for field, source in sources.items() if source},
        "voice": attrs.asdict(cast.voice),
        "why": _why(bible, name),
        "costumes": [attrs.asdict(one) for one in cast.costumes],
        "backstory": cast.backstory,
        "relations": [attrs.asdict(one) for one in cast.relations],
        "references": [one.sha256 for one in cast.references],
        "sheet": _sheet(bible, name),
        "identity": f"{block(name, cast.profile)}\n{worn(cast.profile, None, ())}",
    }


def _why(bible: Bible, name: str) -> list[str]:
    """Why the character is as it is: how it was cast, and each change since."""
    records = [*bible.fold.all(type(bible.cast[name]))]
    first = bible.fold.cast.get(name)
    found = [one.why for one in records if one.character == name]
    if first is not None and first.why not in found:
        found.insert(0, first.why)
    if bible.cast[name].why not in found:
        found.append(bible.cast[name].why)
    return found


def _others(bible: Bible, name: str) -> list[str]:
    merged = [one.alias for one in bible.fold.all(CharactersMerged) if bible.names.means(one.alias) == name]
    return sorted({*bible.names.others(name), *merged})


def _sheet(bible: Bible, name: str) -> dict[str, Any] | None:
    drawn = [one for one in bible.fold.all(SheetDrawn) if one.character == name]
    if not drawn:
        return None
    newest = drawn[-1]
    _, looks = looks_of(bible.cast[name])
    return {
        "sha256": newest.sheet.sha256,
        "route": newest.route,
        "views": list(newest.views),
        "looks_now": newest.looks == looks,
    }


def print_list(found: list[dict[str, Any]]) -> None:
    """The cast of each series as a table."""
    if not found:
        say("no series yet; make an episode first: duanju produce SCRIPT")
    for number, one in enumerate(found):
        if number:
            say()
        say(f"{one['series']}: {len(one['characters'])} characters")
        rows = [
            [
                entry["character"],
                entry["gender"],
                entry["age"],
                entry["hair"],
                entry["clothes"],
                ", ".join(entry["other_names"]),
                f"{entry['pictures'] or 'no'} pictures, {'a' if entry['sheet'] else 'no'} sheet",
            ]
            for entry in one["characters"]
        ]
        if rows:
            columns(
                [["name", "gender", "age", "hair", "clothes", "other names", "references"], *rows], right=(2,)
            )
        for name in one["written"]:
            say(f"{name}: written of, in no script so far")


def print_person(found: dict[str, Any]) -> None:
    """One character as lines of text."""
    others = f" (also {', '.join(found['other_names'])})" if found["other_names"] else ""
    say(f"{found['series']}/{found['character']}{others}")
    if not found["cast"]:
        say("in no script so far; what is written of it is used when it is cast:")
        columns([[field, one["value"], one["source"]] for field, one in found["written"].items()])
        return
    rows = []
    for field, value in found["profile"].items():
        text = ", ".join(value) if isinstance(value, (tuple, list)) else value
        if text not in ("", None):
            rows.append([field.replace("_", " "), text, found["sources"].get(field, "")])
    voice = found["voice"]
    rows.append(
        ["voice", f"{voice['gender']} {voice['timbre']}, pitch {voice['pitch']}, rate {voice['rate']}", ""]
    )
    columns(rows)
    for one in found["costumes"]:
        words = f"; {one['words']}" if one["words"] else ""
        say(f"costume {one['name']}: {colour_word(one['clothes_colour'])} {one['clothes']}{words}")
    for one in found["relations"]:
        say(f"to {one['character']}: {one['what']}")
    for field, one in found["written"].items():
        if field.startswith("scenes."):
            say(f"in {field.removeprefix('scenes.')}: {one['value']} ({one['source']})")
    if found["backstory"]:
        say(f"backstory: {found['backstory']}")
    say(f"pictures: {len(found['references'])}; sheet: {_sheet_words(found['sheet'])}")
    for line in found["why"]:
        say(f"why: {line}")
    say("every picture is asked for with:")
    for line in found["identity"].splitlines():
        say(f"  {line}")


def _sheet_words(sheet: dict[str, Any] | None) -> str:
    if sheet is None:
        return "none (duanju cast sheet NAME makes one)"
    return f"by {sheet['route']}" if sheet["looks_now"] else f"by {sheet['route']}, of older looks"
