"""How commands speak, ours and those of plugins: harmless lines, tables, JSON."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

__all__ = [
    "columns",
    "document",
    "document_rows",
    "here",
    "line_of",
    "pad",
    "say",
    "seconds",
    "shown",
    "warn",
    "width_of",
]

# Control characters (C0, C1, DEL), invisible and direction-changing ones, lone surrogates, line separators.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def shown(text: object) -> str:
    """A text as one harmless line: what could move the cursor, hide or reorder is written as its escape."""
    return _UNSAFE.sub(_escaped, str(text))


def _escaped(found: re.Match[str]) -> str:
    number = ord(found[0])
    known = {9: "\\t", 10: "\\n", 13: "\\r"}.get(number)
    if known:
        return known
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def say(text: object = "") -> None:
    """One line to standard output."""
    sys.stdout.write(shown(text) + "\n")


def warn(text: object) -> None:
    """One line to standard error."""
    sys.stderr.write(shown(text) + "\n")


def here(path: str | Path) -> str:
    """A path as it is reached from the current folder, where it lies below it."""
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def line_of(value: Any) -> str:
    """A value as one line of JSON, with the same characters escaped as `shown` escapes."""
    import orjson

    return _json(orjson.dumps(value).decode())


def document(value: Any) -> None:
    """One JSON document to standard output."""
    import orjson

    sys.stdout.write(_json(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode(), keep="\n") + "\n")


def document_rows(rows: Iterable[Any]) -> None:
    """One JSON document to standard output, a list of these values, written as they come."""
    between = "[\n  "
    for row in rows:
        sys.stdout.write(between + line_of(row))
        between = ",\n  "
    sys.stdout.write("[]\n" if between.startswith("[") else "\n]\n")


def _json(text: str, keep: str = "") -> str:
    def escape(found: re.Match[str]) -> str:
        if found[0] in keep:
            return found[0]
        units = found[0].encode("utf-16-be", "surrogatepass")
        return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))

    return _UNSAFE.sub(escape, text)


def width_of(text: str) -> int:
    """How many columns a text takes on a terminal: Chinese characters take two."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def pad(text: str, width: int) -> str:
    """The text filled with spaces to a width in columns; a longer one stays whole."""
    return text + " " * max(0, width - width_of(text))


def columns(rows: Sequence[Sequence[object]], *, right: Sequence[int] = ()) -> None:
    """Prints rows below each other in columns; the columns in `right` end at the same place."""
    if not rows:
        return
    cells = [[shown(cell) for cell in row] for row in rows]
    widths = [max(width_of(row[i]) for row in cells) for i in range(len(cells[0]))]
    for row in cells:
        parts = [
            " " * (width - width_of(cell)) + cell if i in right else pad(cell, width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        say("  ".join(parts).rstrip())


def seconds(value: float) -> str:
    """A length of time as people read it."""
    if value < 60:
        return f"{value:.1f} s"
    return f"{int(value // 60)} min {int(value % 60):02d} s"
