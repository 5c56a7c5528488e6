"""How a line is heard: the marks OS, VO, 旁白, 画外音, 内心独白 in all the places where houses put them."""

from __future__ import annotations

import re

from attrs import frozen

from .names import canonical, is_narrator
from .widths import fold, trim

__all__ = ["NARRATOR", "Speaker", "how_of", "read_speaker", "voice_label"]

NARRATOR = {True: "旁白", False: "Narrator"}
"""Who speaks a voice that has no name, in a Chinese script (True) and in an English one."""

_KINDS = (
    ("inner", r"内心独白|内心 ?os|内心活动|内心声音|内心戏?|心理独白|心理活动|心声|心里话|心里想|心里|心想"
                       r"|心说|暗想|暗道|独白|inner (?:voice|thoughts?|monologue)|internal monologue"
                       r"|think(?:s|ing)|(?:in )?thoughts?"),
    ("vo", r"v\. ?o\.?|vo|旁白|解说|voice[- ]?over|narration|narrating"),
    ("off", r"画外音?|话外音|o\. ?c\.?|off[- ]?screen|off[- ]?camera|offscreen"),
    ("os", r"o\. ?s\.?|os"),
)  # fmt: skip
_ANY = "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _KINDS)
_WHOLE = re.compile(rf"(?:{_ANY})$", re.IGNORECASE)
_BEHIND = re.compile(rf"(?P<name>.*?[^\s.·_-])(?P<gap>[\s.·_-]*)(?P<mark>{_ANY})$", re.IGNORECASE)
_BEFORE = re.compile(rf"(?P<mark>{_ANY})(?P<gap>[\s.·_:-]*)(?P<name>.+)$", re.IGNORECASE)
_BREAK = re.compile(r"[,、;/|]|\s+")
_LATIN = re.compile(r"[A-Za-z0-9]")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")


@frozen
class Speaker:
    """Who speaks a line, how (spoken | inner | off | vo), and what the brackets say beside that.

    `marked`: a voice mark stood with the name, so that this is surely a line; `name` "" = the mark alone.
    """

    name: str
    how: str
    note: str
    marked: bool


def how_of(mark: str, os: str, english: bool = False) -> str:
    """`OS`, `（V.O.）`, `内心独白` -> inner | off | vo; "" where it is no voice mark.

    `os` is what OS means here; the English film term (O.S.), with its dots, is always off the screen.
    """
    match = _WHOLE.match(trim(fold(mark)))
    if match is None:
        return ""
    kind = match.lastgroup or ""
    if kind == "os":
        return "off" if english and "." in mark else os
    return kind


def voice_label(text: str, os: str) -> Speaker | None:
    """`VO`, `小美OS`, `画外音·小美` as a label of a bracket or a line; None where no voice mark is in it."""
    english = not _HAN.search(text)
    name, how = _split(text, os, english)
    return Speaker(canonical(name), how, "", True) if how else None


def read_speaker(name: str, brackets: list[str], os: str) -> Speaker:
    """The speaker of `小美OS`, `小美（OS，小声）`, `旁白`; `brackets` are what stands in the round ones."""
    english = not _HAN.search(name)
    bare, how = _split(name, os, english)
    marked = bool(how)
    notes = []
    for bracket in brackets:
        said, left = _take(bracket, os, english)
        how = said or how
        marked = marked or bool(said)
        if left:
            notes.append(left)
    glue = ", " if notes and not any(_HAN.search(note) for note in notes) else "，"
    if not how and is_narrator(bare):
        how = "vo"
    return Speaker(canonical(bare), how or "spoken", glue.join(notes), marked or is_narrator(bare))


def _split(name: str, os: str, english: bool) -> tuple[str, str]:
    """(name without a voice mark at its end or start, how); a mark alone leaves no name, a narrator his."""
    plain = trim(fold(name))
    text = trim(name)
    if len(plain) != len(text) or len(plain) > 60:
        return text, ""
    if is_narrator(plain):
        return text, "vo"
    whole = how_of(plain, os, english)
    if whole:
        return "", whole
    for pattern in (_BEHIND, _BEFORE):
        match = pattern.match(plain)
        if match is None:
            continue
        mark, bare = match["mark"], trim(text[match.start("name") : match.end("name")])
        beside = match["name"][-1] if pattern is _BEHIND else match["name"][0]
        close = not match["gap"] and (bool(_LATIN.match(beside)) or not mark.isascii())
        if close and (pattern is _BEFORE or mark.isascii()):
            continue  # CARLOS ends with OS, and 独白者 begins with 独白
        return bare, how_of(mark, os, english)
    return text, ""


def _take(bracket: str, os: str, english: bool) -> tuple[str, str]:
    """(how, the rest word for word) of `OS，小声`; a bracket without a voice mark stays as it stands."""
    text = trim(bracket)
    plain = fold(text)
    at = 0
    for gap in [*_BREAK.finditer(plain), None]:
        end = gap.start() if gap else len(plain)
        how = how_of(plain[at:end], os, english)
        if how:
            before = text[: at - len(_gap_before(plain, at))]
            after = text[gap.end() :] if gap else ""
            between = _gap_before(plain, at) if before and after else ""
            return how, trim(before + text[at - len(between) : at] + after)
        at = gap.end() if gap else end
    for pattern in (_BEHIND, _BEFORE):  # `电话OS`, `OS小声`
        match = pattern.match(plain) if len(plain) <= 20 else None
        if match and match["mark"].isascii() and _HAN.match(match["name"][-1 if pattern is _BEHIND else 0]):
            return how_of(match["mark"], os, english), trim(text[match.start("name") : match.end("name")])
    return "", text


def _gap_before(plain: str, at: int) -> str:
    start = at
    while start and _BREAK.fullmatch(plain[start - 1]):
        start -= 1
    return plain[start:at]
