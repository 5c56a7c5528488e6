"""A script being written: a block of lines an element, tried in other forms until it reads back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from attrs import define, evolve, frozen

from .....events.script import Element
from ..model import Reading

__all__ = ["Block", "Kept", "Written", "meaning", "settle"]

Meaning = tuple[str, str, str, str, str, str, bool]
MOST_ROUNDS = 8
_PARTS = ("type", "text", "character", "how", "note", "number", "dual")


@frozen
class Kept:
    """An element that the layout cannot hold as it is, and what it is now, in words (`note`)."""

    element: Element
    became: str


@frozen
class Written:
    """The text, and what of the script could not be written as what it is."""

    text: str
    kept: tuple[Kept, ...]


@define
class Block:
    """The forms of one element, each a list of lines, in the order in which they are tried.

    The last one stands where none reads back the same: a note, or for what must stay a scene or a spoken line
    the form that keeps most of it.
    """

    element: Element
    forms: list[list[str]]
    chosen: int = 0
    tight: bool = False  # no blank line before it

    @property
    def lines(self) -> list[str]:
        """The lines in the form that is being tried."""
        return self.forms[self.chosen]


def meaning(one: Element) -> Meaning:
    """What must be the same after writing and reading; the marks of a comment are none of its text."""
    text = one.text
    if one.type in ("note", "boneyard"):
        for mark in ("[[", "]]", "/*", "*/", "<!--", "-->"):
            text = text.replace(mark, " ")
        text = " ".join(text.split())
    return (one.type, text, one.character, one.how, one.note, one.number, one.dual)


def settle(
    blocks: Sequence[Block], top: Sequence[str], gap: bool, read: Callable[[list[str]], Reading]
) -> Written:
    """Tries the forms of each block until every one reads back as its element, or none is left.

    `top` are lines above the first block that belong to none; `gap`: a blank line stands between blocks.
    `read` must be linear: the whole text is read at most MOST_ROUNDS times.
    """
    lines: list[str] = []
    wrong: list[Block] = []
    for _ in range(MOST_ROUNDS):
        lines, starts = _laid(blocks, top, gap)
        wrong = _wrong(blocks, starts, read(lines))
        movable = [one for one in wrong if one.chosen + 1 < len(one.forms)]
        if not movable:
            break
        for one in movable:
            one.chosen += 1
    said = read(lines)
    kept = []
    _, starts = _laid(blocks, top, gap)
    for block, found in zip(blocks, _found(starts, len(lines), said), strict=True):
        if [meaning(one) for one in found] != [meaning(block.element)]:
            kept.append(Kept(block.element, _became(block.element, found)))
    return Written("\n".join(lines).strip("\n") + "\n", tuple(kept))


def _became(wanted: Element, found: Sequence[Element]) -> str:
    """What an element was read as: its type, or where that is the same, which of its parts are not."""
    if [one.type for one in found] != [wanted.type]:
        return " and ".join(one.type for one in found) or "nothing"
    pairs = zip(_PARTS, meaning(wanted), meaning(found[0]), strict=True)
    changed = [f"{name} {b!r} for {a!r}" for name, a, b in pairs if a != b]
    return f"{wanted.type} with {', '.join(changed)}"


def _laid(blocks: Sequence[Block], top: Sequence[str], gap: bool) -> tuple[list[str], list[int]]:
    """All lines, and the first line (from 1) of each block."""
    lines = list(top)
    starts = []
    for block in blocks:
        if gap and lines and not block.tight:
            lines.append("")
        starts.append(len(lines) + 1)
        lines += block.lines
    return lines, starts


def _found(starts: Sequence[int], size: int, said: Reading) -> list[list[Element]]:
    """The elements that were read from each block's lines."""
    found: list[list[Element]] = [[] for _ in starts]
    elements = sorted(said.elements, key=lambda one: one.first)
    at = 0
    for number, start in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else size + 2
        while at < len(elements) and elements[at].first < start:
            at += 1
        while at < len(elements) and elements[at].first < end:
            found[number].append(elements[at])
            at += 1
    return found


def _wrong(blocks: Sequence[Block], starts: Sequence[int], said: Reading) -> list[Block]:
    size = starts[-1] + len(blocks[-1].lines) if blocks else 0
    pairs = zip(blocks, _found(starts, size, said), strict=True)
    return [block for block, found in pairs if not _right(block, found)]


def _right(block: Block, found: Iterable[Element]) -> bool:
    got = [meaning(one) for one in found]
    if got == [meaning(block.element)]:
        return True
    if block.chosen + 1 < len(block.forms):
        return False
    text = meaning(evolve(block.element, type="note"))[1]
    return [(one[0], one[1]) for one in got] == [("note", text)]
