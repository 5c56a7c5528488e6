"""Damage to script files for fuzzing, and what must hold for whatever comes of it; used by tests and soak."""

from __future__ import annotations

import random
from pathlib import Path

from duanju.core.errors import WrongUse
from duanju.plugins.stages.screenplay.model import ScriptError
from duanju.plugins.stages.screenplay.parse import read
from duanju.plugins.stages.screenplay.sheet import open_sheet

__all__ = ["ROOT", "holds", "mutated", "sources"]

ROOT = Path(__file__).parents[2]
_SUFFIXES = (".txt", ".md", ".fountain")
_ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "gb18030", "utf-16-le", "latin-1")
_UNSEEN = "\ufeff\u200b\u200c\u200d\u200e\u200f\u2060"
_BITS = (
    "【", "】", "（", "）", "(", ")", "[[", "]]", "/*", "*/", "：", ":", "△", "\n", "\n\n", "\r", "\t",
    "\u3000", "#", "===", "@", "!", "~", ">", "<", "=", ".", "**", "_", "第1集\n", "场1 ", "OS", "人物：",
    "1-1 日 内 茶馆\n", "INT. ROOM - DAY\n", "\u2028", "\u200b", "\ufeff", "\x00", "\x0c", "\x1b", "𠮷",
    "é", "字幕：", "^", "闪回",
)  # fmt: skip


def sources() -> list[bytes]:
    """The scripts that are damaged: the fixtures and the examples."""
    fixtures = (ROOT / "tests" / "fixtures" / "scripts").rglob("*")
    examples = (ROOT / "examples").glob("*")
    return [one.read_bytes() for one in sorted((*fixtures, *examples)) if one.suffix in _SUFFIXES]


def mutated(dice: random.Random, originals: list[bytes]) -> bytes:
    """One of the scripts, damaged one to four times; most of them can still be read."""
    data = dice.choice(originals)
    for _ in range(dice.randint(1, 4)):
        data = dice.choice(_DAMAGES)(dice, data, originals)[:60_000]
    return data


def _flip(dice: random.Random, data: bytes, _all: list[bytes]) -> bytes:
    bent = bytearray(data)
    for _ in range(dice.randint(1, 8) if bent else 0):
        bent[dice.randrange(len(bent))] ^= 1 << dice.randrange(8)
    return bytes(bent)


def _lines(dice: random.Random, data: bytes, _all: list[bytes]) -> bytes:
    lines = data.split(b"\n")
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(lines))
        what = dice.randrange(4)
        if what == 0 and len(lines) > 1:
            del lines[at]
        elif what == 1:
            lines[at : at + 2] = [b"".join(lines[at : at + 2])]
        elif what == 2:
            lines.insert(at, dice.choice(lines))
        else:
            lines[at] = lines[at][: dice.randint(0, len(lines[at]))]
    return b"\n".join(lines)


def _insert(dice: random.Random, data: bytes, _all: list[bytes]) -> bytes:
    text = data.decode("utf-8", "replace")
    for _ in range(dice.randint(1, 8)):
        at = dice.randint(0, len(text))
        text = text[:at] + dice.choice(_BITS) * dice.choice((1, 1, 1, 2, 40)) + text[at:]
    return text.encode("utf-8", "surrogatepass")


def _deep(dice: random.Random, data: bytes, _all: list[bytes]) -> bytes:
    opening, closing = dice.choice(
        (("（", "）"), ("(", ")"), ("【", "】"), ("[[", "]]"), ("/*", "*/"), ("**", "**"))
    )
    depth = dice.choice((50, 500, 3000))
    inside = (
        opening * depth + dice.choice(("小美：走。", "x", "")) + closing * dice.choice((0, depth, depth // 2))
    )
    at = dice.randint(0, data.count(b"\n"))
    lines = data.split(b"\n")
    return b"\n".join([*lines[:at], inside.encode(), *lines[at:]])


def _huge(dice: random.Random, data: bytes, _all: list[bytes]) -> bytes:
    bit = dice.choice((*_BITS, "小美", "word ", "小美：", "a,", "。"))
    lines = data.split(b"\n")
    lines.insert(
        dice.randint(0, len(lines)), (bit * dice.choice((200, 4_000))).encode("utf-8", "surrogatepass")
    )
    return b"\n".join(lines)


def _recoded(dice: random.Random, data: bytes, _all: list[bytes]) -> bytes:
    encoded = data.decode("utf-8", "replace").encode(dice.choice(_ENCODINGS), "replace")
    at = dice.choice((0, 0, dice.randint(0, len(data))))  # the whole, or from somewhere on
    return data[:at] + encoded[at:]


def _mixed(dice: random.Random, data: bytes, all_: list[bytes]) -> bytes:
    other = dice.choice(all_)
    return data[: dice.randint(0, len(data))] + other[dice.randint(0, len(other)) :]


_DAMAGES = (_flip, _flip, _lines, _lines, _insert, _insert, _deep, _huge, _recoded, _mixed)


def holds(data: bytes, format: str = "auto") -> str:
    """Reads a damaged file: "" where it is refused, else its format.

    Raises AssertionError where a line is lost, a line of dialogue is not of its source, or spans cross.
    """
    try:
        script = read(data, format)
    except (ScriptError, WrongUse) as error:
        assert str(error) and len(str(error)) < 2_000, "a refusal says why"
        return ""
    lines = open_sheet(data, format, "the script").lines
    assert len(lines) == script.source_lines
    seen = [0] * (len(lines) + 2)
    for one in script.unmapped:
        assert lines[one.number - 1] == one.text
        seen[one.number] = 1
    for element in script.elements:
        assert 1 <= element.first <= element.last <= len(lines)
        seen[element.first : element.last + 1] = [1] * (element.last + 1 - element.first)
        if element.type == "line":
            source = iter("".join(lines[element.first - 1 : element.last]))
            assert all(char in source for char in element.text if char.isalnum()), element
    lost = [n for n, line in enumerate(lines, 1) if "".join(line.split()).strip(_UNSEEN) and not seen[n]]
    assert not lost, f"lines {lost[:5]}: {lines[lost[0] - 1][:80]!r}"
    return script.format
