"""Writes a script as Fountain: plain where it reads back as it is, forced where it must be."""

from __future__ import annotations

import re

from .....events.script import Element
from ..comments import uncomment
from ..fountain import is_transition, read_fountain
from ..headings import FOUNTAIN_HEADING, read_heading
from ..model import Screenplay
from ..names import canonical
from ..title_page import read_title_page
from .blocks import Block, Written, settle
from .comment import MUST_STAY, as_note, bare_comment

__all__ = ["write_fountain"]

_HOW = {"vo": " (V.O.)", "off": " (O.S.)", "inner": " (内心)"}
_BESIDE = re.compile(r"\[\[(.*?)\]\]")


def write_fountain(script: Screenplay) -> Written:
    """The script as Fountain. What Fountain has no place for becomes a note, and is named."""
    leading = []
    for one in script.elements:
        if one.type != "title":
            break
        leading.append(one)
    page = [one.text for one in leading]
    read = read_title_page(uncomment(page), 0, ends=FOUNTAIN_HEADING) if page else []
    if not page or [one.raw for one in read] != page:
        page = [f"Title: {script.title}"] if script.title else []
        blocks = [_block(one) for one in script.elements]
    else:
        blocks = [Block(one, [[one.text]], tight=True) for one in leading]
        page = []
        blocks += [_block(one) for one in script.elements[len(leading) :]]
    return settle(blocks, page, True, read_fountain)


def _block(one: Element) -> Block:
    forms = _forms(one)
    return Block(one, [*forms, forms[0] if one.type in MUST_STAY else as_note(one)])


def _forms(one: Element) -> list[list[str]]:
    text = _plain(one.text)
    if one.type == "heading":
        return _heading(one, text)
    if one.type == "action":
        beside = f" [[{one.note}]]" if one.note else ""
        return [[text + beside], [f"!{text}{beside}"]]
    if one.type in ("line", "parenthetical"):
        return _speech(one)
    if one.type == "transition":
        forced = [f"> {text}"]
        return [[text], forced] if is_transition(one.text, True) else [forced]
    if one.type == "note":
        return []
    simple = {
        "lyric": f"~{text}",
        "centred": f"> {text} <",
        "section": f"# {one.text}",
        "synopsis": f"= {one.text}",
        "boneyard": f"/* {bare_comment(one)} */",
        "page-break": one.text if one.text.startswith("===") else "===",
        "cue": one.text,
    }
    return [simple[one.type].split("\n")] if one.type in simple else []


def _heading(one: Element, text: str) -> list[list[str]]:
    number = f" #{one.number}#" if one.number else ""
    rest = read_heading(one.text).rest
    beside = one.note if not rest else one.note.removeprefix(rest).removeprefix("; ")
    tail = f"{number}" if not beside else f" [[{beside}]]{number}"
    forced = [f".{text}{tail}"]
    return [[text + tail], forced] if FOUNTAIN_HEADING.match(one.text) else [forced]


def _speech(one: Element) -> list[list[str]]:
    upper = one.character.upper()
    extension = _HOW.get(one.how, "") + (" ^" if one.dual else "")
    pieces = [piece for piece in one.note.split("; ") if piece]
    beside = [found[1] for piece in pieces if (found := _BESIDE.fullmatch(piece))]
    said = "; ".join(piece for piece in pieces if not _BESIDE.fullmatch(piece))
    brackets = [f"({said})"] if said else []
    tail = "".join(f" [[{note}]]" for note in beside)
    silent = one.type == "parenthetical" and one.note
    words = [] if silent else [_plain(one.text) + tail]
    marked = [] if silent else [f"*{_plain(one.text)}*{tail}"]  # words in brackets, or like a heading
    cues = [f"@{one.character}{extension}"]
    if canonical(upper) == one.character and upper != one.character.lower():
        cues.insert(0, upper + extension)
    return [[cue, *brackets, *body] for body in (words, marked) for cue in cues]


def _plain(text: str) -> str:
    """A text whose own signs are no marks of emphasis, and none that begins a line of another kind."""
    text = re.sub(r"([\\*_])", r"\\\1", text) if re.search(r"[\\*_]", text) else text
    text = text.replace("[[", r"\[\[").replace("/*", r"/\*")
    return re.sub(r"^([~@!>#=.])", r"\\\1", text)
