"""Reads Final Draft's `.fdx`: XML whose paragraphs say what they are."""

from __future__ import annotations

import re
from collections.abc import Mapping

from attrs import define, evolve, field

from .model import MAX_PARAGRAPHS, ScriptError
from .typed import Typed
from .xml_walk import walk

__all__ = ["is_fdx", "read_fdx"]

_HEAD = 1 << 16
_ROOT = re.compile(r"<FinalDraft[\s>]")
_KINDS = {
    "scene heading": "heading",
    "action": "action",
    "general": "action",
    "character": "character",
    "dialogue": "dialogue",
    "parenthetical": "parenthetical",
    "transition": "transition",
    "shot": "cue",
    "cast list": "cast",
    "lyrics": "lyric",
    "lyric": "lyric",
    "singing": "lyric",
    "new act": "section",
    "end of act": "section",
    "act": "section",
    "sequence": "section",
    "act break": "section",
    "show/ep. title": "section",
    "summary": "synopsis",
    "outline body": "synopsis",
    "image": "note",
}


def is_fdx(text: str) -> bool:
    """Whether a text is Final Draft's XML."""
    head = text[:_HEAD].removeprefix("\ufeff").lstrip()
    return head.startswith(("<?xml", "<!DOCTYPE", "<FinalDraft")) and _ROOT.search(head) is not None


@define
class _Paragraph:
    """A paragraph that is not yet at its end: its place among all, and its text so far."""

    place: int
    texts: list[str] = field(factory=list)


class _Walk:
    def __init__(self, file: str) -> None:
        self.file = file
        self.title_page: list[Typed] = []
        self.script: list[Typed] = []
        self._path: list[str] = []
        self._open: list[_Paragraph] = []
        self._text = 0
        self._turns = 0  # characters so far in a dual dialogue; 0 outside of one

    def _target(self) -> list[Typed] | None:
        if self._path[:2] == ["FinalDraft", "Content"]:
            return self.script
        return self.title_page if self._path[:3] == ["FinalDraft", "TitlePage", "Content"] else None

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """A paragraph opens, or something that says what the next ones are."""
        self._path.append(name)
        target = self._target()
        if target is None:
            return
        if name == "Paragraph":
            target.append(self._typed(target, attributes))
            if len(target) > MAX_PARAGRAPHS:
                raise ScriptError(f"{self.file}: more than {MAX_PARAGRAPHS:,} paragraphs; split the script")
            self._open.append(_Paragraph(len(target) - 1))
        elif name == "DualDialogue":
            self._turns = 0
        elif name == "Text":
            self._text += 1

    def _typed(self, target: list[Typed], attributes: Mapping[str, str]) -> Typed:
        if target is self.title_page:
            return Typed(0, "title", "")
        if "ScriptNote" in self._path:
            return Typed(0, "note", "")
        if "SceneProperties" in self._path:
            return Typed(0, "synopsis", "")
        kind = _KINDS.get(attributes.get("Type", "").strip().lower(), "")
        if not kind:
            kind = "section" if attributes.get("Type", "").lower().startswith("outline") else "action"
        if kind == "action" and attributes.get("Alignment") == "Center":
            kind = "centred"
        dual = False
        if kind == "character" and "DualDialogue" in self._path:
            self._turns += 1
            dual = self._turns > 1
        number = attributes.get("Number", "").strip() if kind == "heading" else ""
        return Typed(0, kind, "", scene=number[:12], dual=dual)

    def end(self, name: str) -> None:
        """A paragraph closes with all its text."""
        target = self._target()
        self._path.pop()
        if target is None:
            return
        if name == "Text":
            self._text -= 1
        elif name == "Paragraph" and self._open:
            done = self._open.pop()
            target[done.place] = evolve(target[done.place], text=" ".join("".join(done.texts).splitlines()))

    def text(self, characters: str) -> None:
        """Letters count only inside a Text of a paragraph."""
        if self._text and self._open and self._path[-1:] == ["Text"]:
            self._open[-1].texts.append(characters)


def read_fdx(xml: str, file: str) -> list[Typed]:
    """All paragraphs, blank ones too, numbered from 1: the title page's first, then the script's.

    Raises ScriptError for broken XML, and for XML that no script has.
    """
    walked = _Walk(file)
    walk(xml.removeprefix("\ufeff"), walked.start, walked.end, walked.text, file, "the Final Draft file")
    return [evolve(one, number=n) for n, one in enumerate([*walked.title_page, *walked.script], 1)]
