"""Reads a screenplay written in Markdown: headings with hashes, names in bold, directions in italics."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .chinese_marks import heading_of
from .emphasis import plain
from .episode_marks import read_mark
from .fountain import SCENE_NUMBER, is_cue, is_transition
from .headings import FOUNTAIN_HEADING
from .pages import furniture
from .typed import Typed

__all__ = ["is_bold_cue", "is_scene", "markdown_title", "read_markdown"]

_HASHES = re.compile(r"(#{1,6})\s+(?=\S)")
_CLOSING = re.compile(r"\s#+\s*$")
_NAME = r"(?P<name>[^*\n()（）:：.!?。！？]{1,60})"
_BOLD_CUE = re.compile(
    rf"(?:\*\*|__)\s*@?{_NAME}(?P<in>(?: ?[(（][^()（）*\n]{{0,60}}[)）]){{0,2}})"
    r"\s*(?P<colon>[:：])?\s*(?:\*\*|__)"
    r"(?P<out>(?:\s?[*_]?[(（][^()（）\n]{0,80}[)）][*_]?){0,3})\s*(?P<after>[:：])?\s*(?P<said>.*)$"
)
_BRACKET = re.compile(r"[*_]{0,3}[(（](?P<text>[^()（）\n]{1,400})[)）][*_]{0,3}$")
_RULE = re.compile(r"(?:-\s*){3,}$|(?:\*\s*){3,}$|(?:_\s*){3,}$|={3,}$")
_FENCE = re.compile(r"(?:```|~~~)")
_FRONT = re.compile(r"(?P<key>[A-Za-z_ ]{1,30}):\s*(?P<value>.*)$")
_BULLET = re.compile(r"[-*+]\s+(?=\S)")
_CAST = re.compile(r"(?:the )?(?:cast|characters?|dramatis personae)\b|人物|角色", re.IGNORECASE)
_ALL_BOLD = re.compile(r"(?:\*\*|__)(?P<text>[^*_\n]+)(?:\*\*|__)$")


def is_scene(line: str) -> bool:
    """Whether a line is a scene's heading in Markdown's dress: with hashes, or all in bold."""
    bare, level = _bare(line)
    return bool(level) and _scene(bare)


def is_bold_cue(line: str) -> bool:
    """Whether a line names in bold who speaks: alone on its line, or in front of the words."""
    match = _BOLD_CUE.match(line.strip())
    return match is not None and _spoken_to(match) and not _scene(match["name"])


def markdown_title(lines: Sequence[str]) -> str:
    """The title: of the front matter, or the first heading of the first level; "" for none."""
    return read_markdown(lines[:200])[0]


def _spoken_to(match: re.Match[str]) -> bool:
    colon = match["colon"] or match["after"]
    alone = not match["said"].strip() and not colon
    return bool(re.search(r"[^\W\d_]", match["name"])) and (
        (alone and _nameish(match["name"])) or bool(colon)
    )


def _nameish(name: str) -> bool:
    return len(name.split()) <= 4 and len(name) <= 40


def _bare(line: str) -> tuple[str, int]:
    """(text, level) of a heading: 1 to 6 by its hashes, 7 for a line all in bold, 0 for another line."""
    text = line.strip()
    hashes = _HASHES.match(text)
    if hashes:
        return plain(_CLOSING.sub("", text[hashes.end() :]).strip()), len(hashes[1])
    bold = _ALL_BOLD.match(text)
    return (bold["text"].strip(), 7) if bold else (text, 0)


def _scene(bare: str) -> bool:
    return FOUNTAIN_HEADING.match(bare) is not None or heading_of(bare) is not None


class _Lines:
    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self.found: list[Typed] = []
        self.title = ""
        self._cast = False
        self._place = 0

    def read(self) -> None:
        """Types every line that is not blank."""
        self._front()
        fenced = commented = False
        while self._place < len(self.lines):
            text = self._text(self._place)
            if not self.lines[self._place].strip():
                self._place += 1
            elif not text:  # a mark of a quotation, and nothing in it
                self._add("unknown", self.lines[self._place])
            elif commented or text.startswith("<!--"):
                commented = "-->" not in text
                self._add("boneyard", text)
            elif _FENCE.match(text):
                fenced = not fenced
                self._add("note", text)
            elif _RULE.match(text):
                self._add("page-break", text)
            else:
                self._line(text)

    def _text(self, place: int) -> str:
        """A line without the marks of a quotation and of a line break; "" where there is none."""
        if not 0 <= place < len(self.lines):
            return ""
        text = self.lines[place].strip()
        while text.startswith(">"):
            text = text[1:].strip()
        return text[:-1].strip() if text.endswith("\\") and not text.endswith("\\\\") else text

    def _add(self, kind: str, text: str, **more: str) -> None:
        self.found.append(Typed(self._place + 1, kind, text, **more))  # type: ignore[arg-type]
        self._place += 1

    def _front(self) -> None:
        """`---`, `title: ...`, `---` at the very top."""
        while self._place < len(self.lines) and not self.lines[self._place].strip():
            self._place += 1
        if self._text(self._place) != "---":
            return
        end = next((n for n in range(self._place + 1, min(len(self.lines), self._place + 60))
                    if self.lines[n].strip() in ("---", "...")), None)  # fmt: skip
        if end is None or not any(_FRONT.match(self.lines[n].strip()) for n in range(self._place + 1, end)):
            return
        while self._place <= end:
            text = self.lines[self._place].strip()
            match = _FRONT.match(text)
            if match and match["key"].strip().lower() == "title":
                self.title = match["value"].strip().strip("\"'")
            if text:
                self._add("title", text)
            else:
                self._place += 1

    def _line(self, text: str) -> None:
        bare, level = _bare(text)
        if (level or not self._text(self._place - 1)) and _scene(bare) and (level or text == text.upper()):
            self._heading(bare)
        elif 0 < level < 7:
            self._cast = _CAST.match(bare) is not None
            first = level == 1 and not self.title and read_mark(bare) is None and not self._cast
            if first:
                self.title = bare.strip("《》")
            self._add("title" if first else "section", bare)
        elif read_mark(bare) is not None and (level or not self._text(self._place - 1)):
            self._add("section", bare)
        elif self._cast and (_BULLET.match(text) or ":" in text or "：" in text):
            self._add("cast", plain(_BULLET.sub("", text, count=1)))
        elif not self._cue(text):
            self._other(text)

    def _heading(self, bare: str) -> None:
        self._cast = False
        numbered = SCENE_NUMBER.search(bare)
        found = heading_of(bare)
        text = bare[: numbered.start()].strip() if numbered else bare
        number = numbered[1] if numbered else found.number if found is not None else ""
        self._add("heading", text, scene=number)

    def _cue(self, text: str) -> bool:
        """A name in bold, or in capitals with words below it; takes the whole turn."""
        match = _BOLD_CUE.match(text)
        if match is not None and _spoken_to(match):
            cue = plain(match["name"]).strip() + match["in"] + plain(match["out"]).replace("*", "")
            said = plain(match["said"].strip())
            lead = re.match(r"[*_]?[(（][^()（）\n]{0,80}[)）][*_]?\s*", match["said"])
            if lead and said and match["colon"]:
                cue += " " + lead[0].strip(" *_")
                said = plain(match["said"][lead.end() :].strip())
            self._add("character", cue, said=said)
            self._turn(gap=not said)
            return True
        if self._text(self._place - 1) or not self._text(self._place + 1):
            return False
        if not is_cue(text) or is_transition(text, False) or _HASHES.match(text):
            return False
        self._add("character", text)
        self._turn(gap=False)
        return True

    def _turn(self, gap: bool) -> None:
        """The words under a name, up to a blank line; `gap`: one may stand between them and the name."""
        while self._place < len(self.lines):
            waits = gap and self.found[-1].kind in ("character", "parenthetical")
            if waits and not self._text(self._place) and self._says(self._place + 1):
                self._place += 1
            if not self._says(self._place):
                break
            text = self._text(self._place)
            bracket = _BRACKET.match(text)
            if bracket:
                self._add("parenthetical", bracket["text"].strip())
            else:
                self._add("dialogue", plain(text))

    def _says(self, place: int) -> bool:
        text = self._text(place)
        bare, level = _bare(text)
        if not text or level or _RULE.match(text) or _FENCE.match(text) or text.startswith("<!--"):
            return False
        match = _BOLD_CUE.match(text)
        return not (match is not None and _spoken_to(match)) and not (_scene(bare) and text == text.upper())

    def _other(self, text: str) -> None:
        bare = plain(text)
        if _BRACKET.match(text) and not text.startswith(("(", "（")):
            self._add("action", bare)
        elif is_transition(bare.strip("*_ "), True):
            self._add("transition", bare)
        elif furniture(text, self.title) == "note":
            self._add("note", text)
        else:
            above = self.found[-1] if self.found else None
            head = bool(self.title) and all(one.kind in ("title", "note", "boneyard") for one in self.found)
            joined = above is not None and above.kind == "action" and above.number == self._place
            bullet = _BULLET.match(text)
            self.found.append(
                Typed(
                    self._place + 1,
                    "title" if head else "action",
                    plain(text[bullet.end() :]) if bullet else bare,
                    joined=joined and not bullet,
                )
            )
            self._place += 1


def read_markdown(lines: Sequence[str]) -> tuple[str, list[Typed]]:
    """(title, typed lines) of a screenplay in Markdown. Never raises, linear in the size of the source."""
    reader = _Lines(lines)
    reader.read()
    return reader.title, reader.found
