"""The findings of a check as lines of text for a person."""

from __future__ import annotations

from typing import Any

from ....core.words import columns, say, seconds

__all__ = ["print_check"]

_TEXT = 60
_HOW = {"spoken": "", "inner": "thinks", "off": "off screen", "vo": "voice over"}


def print_check(found: dict[str, Any], file: str) -> None:
    """Prints the elements, the cast, the lengths, and at last what needs a look."""
    title = f'"{found["title"]}", ' if found["title"] else ""
    say(
        f"{file}: {title}{found['format']}, {found['language']}; {found['source_lines']} source "
        f"{found['unit']}s, {len(found['scenes'])} scenes, {found['lines']} spoken lines, about "
        f"{seconds(found['planned_ms'] / 1000)}"
    )
    say()
    columns([["line", "element", "who", "how", "text"], *map(_element, found["elements"])], right=(0,))
    if found["cast"]:
        say()
        rows = [
            [one["name"], one["lines"], one["first"], _short(one["description"])] for one in found["cast"]
        ]
        columns([["cast", "lines", "first", "said of them"], *rows], right=(1, 2))
    say()
    columns(
        [
            ["scene", "lines", "spoken", "shots", "length", "heading"],
            *(
                [one["scene"], _span(one), one["lines"], one["shots"], seconds(one["planned_ms"] / 1000),
                 _short(one["heading"])]
                for one in found["scenes"]
            ),
        ],
        right=(2, 3, 4),
    )  # fmt: skip
    _list("not mapped", [f"line {one['number']}: {_short(one['text'])}" for one in found["unmapped"]])
    _list(
        "ambiguous",
        [
            f"line {one['number']}: taken as {one['taken']}, may be {one['other']}: {_short(one['text'])}"
            for one in found["ambiguous"]
        ],
    )
    _list("warnings", list(map(_warning, found["warnings"])))
    say()
    lost = len(found["unmapped"])
    say(
        "every line is mapped" if not lost else f"{lost} {'line is' if lost == 1 else 'lines are'} not mapped"
    )


def _element(one: dict[str, Any]) -> list[object]:
    how = ", ".join(
        word
        for word in (_HOW.get(one["how"], one["how"]), "at once" if one["dual"] else "", one["note"])
        if word
    )
    kind = f"{one['type']} {one['line'] or one['number']}".strip()
    return [_span(one), kind, one["character"], _short(how, 24), _short(one["text"])]


def _warning(one: dict[str, Any]) -> str:
    where = ", ".join(word for word in (f"line {one['line']}" if one["line"] else "", one["scene"]) if word)
    return f"{where + ': ' if where else ''}{one['text']} ({one['kind']})"


def _span(one: dict[str, Any]) -> str:
    return str(one["first"]) if one["first"] == one["last"] else f"{one['first']}-{one['last']}"


def _short(text: str, most: int = _TEXT) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"


def _list(head: str, rows: list[str]) -> None:
    if rows:
        say()
        say(f"{head}: {len(rows)}")
        for row in rows:
            say(f"  {row}")
