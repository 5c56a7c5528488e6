"""Reads Fountain (https://fountain.io/syntax), with the slips that writers make and Chinese names."""

from __future__ import annotations

import re

from ....events.script import Element, Unmapped
from .comments import SourceLine, uncomment
from .headings import FOUNTAIN_HEADING, read_heading
from .names import canonical, clean
from .wordlist import words

__all__ = ["read_fountain"]

_TITLE_KEYS = words(
    "title credit author authors source notes date contact copyright revision language series "
    "episode format font draft "
    "logline genre 标题 剧名 片名 作者 编剧 原著 日期 集数 类型"
) | {"draft date", "written by"}
_KEY = re.compile(r"([^\W\d_][\w ]{0,30}?) ?[:：]")
_ALWAYS = re.compile(
    r"(?:FADE (?:IN|OUT|TO [A-Z ]{1,20})|CUT TO [A-Z ]{1,20}|SMASH CUT|THE END|END OF EPISODE"
    r"|TO BE CONTINUED)[.:…]*$"
)
_EXTENSION = re.compile(r"[(（]([^()（）]{0,60})[)）]")
_HAN_CUE = re.compile(r"[\u3400-\u9fff·]{2,6}(?: ?[(（][^()（）]{0,30}[)）]){0,2} ?\^?$")
# `XIAO MEI (whispering) Is it done?`; but `XIAO MEI (24, in red) enters.` is action: small letters follow.
_ONE_LINE = re.compile(r"([A-ZÀ-Þ][^a-z()\n:\u2e80-\uffff]{1,40}?) ?\(([^()\d][^()]{0,80})\):? ?(?=[^\sa-z])")
_COLON = re.compile(r"([A-ZÀ-Þ][^a-z()\n:,!?\u2e80-\uffff]{1,30}?)((?: ?\([^()]{0,40}\)){0,2}) ?: ?(?=\S)")
_CAPTION = (
    "SUPER",
    "TITLE",
    "SFX",
    "SOUND",
    "CHYRON",
    "ON SCREEN",
    "TEXT",
    "CAPTION",
    "CLOSE",
    "ANGLE",
    "INSERT",
    "NOTE",
)
_EMPHASIS = re.compile(r"(?<!\\)(\*{1,3}|_)(?=[^\s*_])([^*_\n]+)(?<=[^\s\\])\1")
_ESCAPE = re.compile(r"\\([*_~@!>#=.^\[\]\\])")
_WORDED = re.compile(r"\w")


def plain(text: str) -> str:
    """Without the marks of emphasis, which nobody speaks."""
    if "*" in text or "_" in text:
        for _ in range(3):  # bold, italic and underline may stand in each other
            text = _EMPHASIS.sub(r"\2", text)
    return _ESCAPE.sub(r"\1", text)


def _sure_heading(text: str) -> bool:
    """A heading that needs no blank line to be seen as one: `INT. HOUSE - DAY`, all in capitals."""
    match = FOUNTAIN_HEADING.match(text)
    return match is not None and text == text.upper() and not match[0].rstrip().isalpha()


def how_said(extension: str) -> str:
    """`V.O.` -> vo, `O.S.` -> off, a thought -> inner, anything else spoken."""
    low = re.sub(r"[\s.]", "", extension.lower())
    if low.startswith(("vo", "voiceover", "voice-over", "旁白", "画外")):
        return "vo"
    if low.startswith("内心"):
        return "inner"
    return "off" if low.startswith(("os", "oc", "offscreen", "off-screen")) else "spoken"


def read_cue(text: str) -> tuple[str, str, str]:
    """(name, how, note) of a character cue such as `XIAO MEI (V.O.) (on phone)`."""
    how, notes = "spoken", []
    for extension in _EXTENSION.findall(text):
        said = how_said(extension)
        how = said if said != "spoken" else how
        if said == "spoken" and not re.match(r"(?:cont|more|续)", extension.strip().lower()):
            notes.append(clean(extension))
    bare = _EXTENSION.sub(" ", text).strip().removesuffix("^")
    return canonical(bare.lstrip("@")), how, "; ".join(note for note in notes if note)


def join_lines(parts: list[str]) -> str:
    """The lines of one speech as one text: a space between them, none between two Chinese characters."""
    whole = ""
    for part in parts:
        if not part:
            continue
        glue = " " if whole and (whole[-1] < "\u2e80" or part[0] < "\u2e80") else ""
        whole += glue + part
    return whole


class _Reader:
    """One pass over the source lines; each line ends in one element, in `unmapped`, or is blank."""

    def __init__(self, lines: list[SourceLine]) -> None:
        self.lines = lines
        self.elements: list[Element] = []
        self.unmapped: list[Unmapped] = []
        self.title = ""
        self.place = 0

    def read(self) -> None:
        """Reads to the end."""
        while self.place < len(self.lines) and self.lines[self.place].blank:
            self.place += 1
        self._title_page()
        while self.place < len(self.lines):
            line = self.lines[self.place]
            if line.blank:
                self.place += 1
            elif line.comment:
                self._one("note", line.raw.strip())
            else:
                self._block(line, line.text.strip())

    def _text(self, place: int) -> str:
        """What stands in a line, "" for none, blank and comment."""
        return self.lines[place].text.strip() if 0 <= place < len(self.lines) else ""

    def _one(self, kind: str, text: str, note: str = "") -> None:
        number = self.lines[self.place].number
        self.elements.append(Element(kind, text, number, number, note=note))
        self.place += 1

    def _title_page(self) -> None:
        match = _KEY.match(self._text(self.place))
        if match is None or clean(match[1]).lower() not in _TITLE_KEYS:
            return
        key = ""
        while self.place < len(self.lines) and not self.lines[self.place].blank:
            raw = self.lines[self.place].text
            if _sure_heading(raw.strip()):
                break
            match = None if raw[:1] in (" ", "\t") else _KEY.match(raw)
            value = plain(raw[match.end() :] if match else raw).strip()
            key = clean(match[1]).lower() if match else key
            if key in ("title", "标题", "剧名", "片名") and value:
                self.title = f"{self.title} {value}".strip()
            self._one("title", raw.strip() or self.lines[self.place].raw.strip())

    def _block(self, line: SourceLine, text: str) -> None:
        free = not self._text(self.place - 1)  # what needs a blank line before it
        forced = text.startswith(".") and text[1:2] not in (".", "")
        if (free and (forced or FOUNTAIN_HEADING.match(text))) or _sure_heading(text):
            self._heading(text)
        elif text.startswith("#"):
            self._one("section", text.lstrip("# "))
        elif text.startswith("==="):
            self._one("note", text)
        elif text.startswith("="):
            self._one("synopsis", text[1:].strip())
        elif text.startswith("~"):
            self._one("cue", text[1:].strip())
        elif text.startswith(">"):
            self._marked(text)
        elif text.startswith("!"):
            self._action()
        elif text.startswith("@") and len(text) > 1:
            self._speech(line, text)
        elif not _WORDED.search(text):
            self.unmapped.append(Unmapped(line.number, line.raw))
            self.place += 1
        elif self._is_transition(text, free):
            self._one("transition", text)
        elif free and self._is_cue(text):
            self._speech(line, text)
        elif not self._hasty(line, text):
            self._action()

    def _heading(self, text: str) -> None:
        self._one("heading", text, read_heading(text).rest)

    def _marked(self, text: str) -> None:
        if text.endswith("<"):
            self._one("cue", plain(text[1:-1]).strip())
        else:
            self._one("transition", text[1:].strip())

    def _is_transition(self, text: str, free: bool) -> bool:
        if text != text.upper():
            return False
        lone = free and not self._text(self.place + 1)
        return (text.endswith("TO:") and lone) or _ALWAYS.match(text) is not None

    def _is_cue(self, text: str) -> bool:
        """Upper case or a short Chinese name, after a blank line, with words below it."""
        if len(text) > 80 or not self._text(self.place + 1):
            return False
        if _HAN_CUE.match(text):
            return True
        bare = _EXTENSION.sub("", text).strip().removesuffix("^").strip()
        letters = [char for char in bare if char.isalpha() and char.lower() != char.upper()]
        return (
            bool(letters)
            and bare == bare.upper()
            and not bare.endswith((":", "：", ".", "!", "?", "…"))
            and (len(bare) <= 60)
        )

    def _speech(self, line: SourceLine, cue: str) -> None:
        """A cue and what hangs below it, up to a blank line; a bracket in the middle parts two lines."""
        name, how, cue_note = read_cue(cue)
        first = line.number
        self.place += 1
        if not name or len(name) > 60:
            self.unmapped.append(Unmapped(line.number, line.raw))
            return
        notes: list[str] = [cue_note] if cue_note else []
        parts: list[str] = []
        last = first
        while self.place < len(self.lines):
            now = self.lines[self.place]
            if not now.raw or (now.blank and not (now.raw.startswith("  ") and self._text(self.place + 1))):
                break
            text = now.text.strip()
            if _sure_heading(text):
                break
            bracket = len(text) > 1 and text[0] in "(（" and text[-1] in ")）"
            if bracket and parts:
                self._spoken(name, how, notes, parts, first, last)
                notes, parts, first = [], [], now.number
            if bracket:
                notes.append(text[1:-1].strip())
            else:
                parts.append(plain(text.removeprefix("~")).strip())
            last = now.number
            self.place += 1
        self._spoken(name, how, notes, parts, first, last)

    def _spoken(self, name: str, how: str, notes: list[str], parts: list[str], first: int, last: int) -> None:
        text, note = join_lines(parts), "; ".join(one for one in notes if one)
        if _WORDED.search(text):
            self.elements.append(Element("line", text, first, last, character=name, how=how, note=note))
        elif text or note:  # dots alone are no speech but a look
            self.elements.append(
                Element("parenthetical", note or text, first, last, character=name, note=note)
            )
        else:
            self.unmapped += [
                Unmapped(one.number, one.raw) for one in self.lines[first - 1 : last] if not one.blank
            ]

    def _hasty(self, line: SourceLine, text: str) -> bool:
        """`XIAO MEI (whispering) Is it done?` and `XIAO MEI: Is it done?`, all on one line."""
        match = _ONE_LINE.match(text)
        if match and re.search(r"[^\W\d_]{2}", match[1]) and text[match.end() :].strip():
            name, how, note = read_cue(f"{match[1]} ({match[2]})")
        else:
            match = _COLON.match(text)
            if match is None or match[1].startswith(("FADE", "CUT")):
                return False
            if match[1].startswith(_CAPTION):
                self._one("cue", text)
                return True
            name, how, note = read_cue(match[1] + match[2])
        spoken = plain(text[match.end() :]).strip()
        if not name or not _WORDED.search(spoken):
            return False
        self.elements.append(
            Element("line", spoken, line.number, line.number, character=name, how=how, note=note)
        )
        self.place += 1
        return True

    def _action(self) -> None:
        """A paragraph, up to what is clearly something else."""
        first = self.lines[self.place]
        parts = [plain(first.text.strip().removeprefix("!")).strip()]
        notes = [first.note] if first.note else []
        last = first.number
        self.place += 1
        while self.place < len(self.lines):
            now = self.lines[self.place]
            text = now.text.strip()
            if not text or text[0] in "!@#=~>" or not _WORDED.search(text):
                break
            if _ONE_LINE.match(text) or _COLON.match(text) or _sure_heading(text):
                break
            parts.append(plain(text))
            notes += [now.note] if now.note else []
            last = now.number
            self.place += 1
        self.elements.append(Element("action", join_lines(parts), first.number, last, note="; ".join(notes)))


def read_fountain(lines: list[str]) -> tuple[str, list[Element], list[Unmapped]]:
    """(title, elements, unmapped) of the source lines. Never raises, linear in the size of the source."""
    reader = _Reader(uncomment(lines))
    reader.read()
    return reader.title, reader.elements, reader.unmapped
