"""Writes a script in the Chinese short-drama layout: 场次, 人物, △ for action, 名（语气）：台词."""

from __future__ import annotations

from .....events.script import Element
from ..chinese import read_chinese
from ..model import Screenplay
from ..names import is_narrator
from .blocks import Block, Written, settle
from .comment import as_note, bare_comment

__all__ = ["write_chinese"]

_HOW = {"vo": "VO", "off": "画外音", "inner": "内心独白"}  # not OS, which houses read in two ways
_HEAD = ("title", "cast", "synopsis", "section")


def write_chinese(script: Screenplay) -> Written:
    """The script in that layout. What it has no place for becomes a note, and is named.

    A script of another layout gets what this one begins with: its name, and the list of its people.
    """
    top: list[str] = []
    if script.title and not any(one.type == "title" for one in script.elements):
        top.append(f"《{script.title}》")
    if script.format != "chinese":
        names = [one.name for one in script.characters if not is_narrator(one.name)]
        if names and not any(one.type == "cast" for one in script.elements):
            top.append(f"人物：{'、'.join(names)}")
        top += [""] if top else []
    number = 0
    blocks = []
    for one in script.elements:
        number += one.type == "heading"
        forms = _forms(one, number)
        stays = {"heading": forms[-1:], "action": forms[-1:], "line": forms[:1]}.get(one.type)
        forms += stays if stays is not None else [as_note(one)]
        blocks.append(Block(one, forms, tight=one.type != "heading"))
    return settle(blocks, top, True, lambda lines: read_chinese(lines, "inner"))


def _forms(one: Element, number: int) -> list[list[str]]:
    text = one.text
    if one.type == "heading":
        return [[text], [f"场{one.number or number} {text}"]]
    if one.type == "action":
        camera = f"【{one.note}】" if one.note else ""
        apart = [f"△{text}", f"[[{' '.join(one.note.split())}]]"] if one.note else [f"△{text}"]
        return [[f"△{camera}{text}"], [f"!{text}"], apart]
    if one.type in ("line", "parenthetical"):
        return _speech(one)
    if one.type in ("note", "title", "cast", "section"):
        return [] if one.type == "note" else [[text], [f"# {text}"]]
    simple = {
        "transition": [[text], [f"【{text}】"], [f">{text}"]],
        "lyric": [[f"♪{text}"]],
        "centred": [[f">{text}<"]],
        "synopsis": [[text], [f"={text}"]],
        "boneyard": [[f"/* {bare_comment(one)} */"]],
        "page-break": [[text], ["==="]],
        "cue": [[f"【{text}】"], [text]],
    }
    return simple.get(one.type, [])


def _speech(one: Element) -> list[list[str]]:
    how = "" if one.how == "vo" and is_narrator(one.character) else _HOW.get(one.how, "")
    parts = [how, "同时" if one.dual else "", one.note if one.type == "line" else ""]
    bracket = "，".join(part for part in parts if part)
    name = f"{one.character}（{bracket}）" if bracket else one.character
    if one.type == "parenthetical":
        said = f"（{one.note}）" if one.note and any(map(str.isalnum, one.note)) else one.text
        return [[f"{name}：{said}"]]
    apart = (
        f"{one.character}（{'，'.join(part for part in parts[:2] if part)}）"
        if how or one.dual
        else one.character
    )
    return [[f"{name}：{one.text}"], [f"{apart}：（{one.note}）{one.text}"]]
