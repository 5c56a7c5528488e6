"""Reads Fountain (https://fountain.io/syntax), with the slips that writers make and Chinese names."""

from __future__ import annotations

import re

from ....events.script import Ambiguous, Element, Unmapped
from .comments import SourceLine, uncomment
from .emphasis import plain
from .episode_marks import read_mark
from .headings import FOUNTAIN_HEADING, read_heading
from .model import Reading
from .names import same_key
from .saying import Saying, join_lines, read_cue
from .title_page import read_title_page, title_in

__all__ = ["SCENE_NUMBER", "is_cue", "is_transition", "join_lines", "read_fountain"]

SCENE_NUMBER = re.compile(r"\s*#([\w.\-)]{1,12})#\s*$")
_ALWAYS = re.compile(
    r"(?:FADE (?:IN|OUT|TO [A-Z ]{1,20})|CUT TO [A-Z ]{1,20}|SMASH CUT|THE END|END OF EPISODE"
    r"|TO BE CONTINUED)[.:…]*$"
)
_EXTENSION = re.compile(r"[(（]([^()（）]{0,60})[)）]")
_HAN_CUE = re.compile(r"[\u3400-\u9fff·]{2,6}(?: ?[(（][^()（）]{0,30}[)）]){0,2} ?\^?$")
_ABBREVIATED = re.compile(r"\b(?:JR|SR|ESQ|PHD|M\.D|[A-Z])\.$")
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
    "LATER",
    "MEANWHILE",
    "INTERCUT",
    "MONTAGE",
)
_WORDED = re.compile(r"\w")


def _sure_heading(text: str) -> bool:
    """A heading that needs no blank line to be seen as one: `INT. HOUSE - DAY`, all in capitals."""
    match = FOUNTAIN_HEADING.match(text)
    return match is not None and text == text.upper() and not match[0].rstrip().isalpha()


def is_transition(text: str, lone: bool) -> bool:
    """Whether a line in capitals says how one picture becomes the next; `lone`: blank above and below."""
    if text != text.upper():
        return False
    return (text.endswith("TO:") and lone) or _ALWAYS.match(text) is not None


def is_cue(text: str) -> bool:
    """Whether a line may name who speaks: in capitals, or a short Chinese name."""
    if len(text) > 80:
        return False
    if _HAN_CUE.match(text):
        return True
    bare = _EXTENSION.sub("", text).strip().removesuffix("^").strip()
    letters = [char for char in bare if char.isalpha() and char.lower() != char.upper()]
    ended = bare.endswith((":", "：", ".", "!", "?", "…")) and not _ABBREVIATED.search(bare)
    return bool(letters) and bare == bare.upper() and not ended and len(bare) <= 60


class _Reader:
    """One pass over the source lines; each line ends in one element, in `unmapped`, or is blank."""

    def __init__(self, lines: list[SourceLine]) -> None:
        self.lines = lines
        self.elements: list[Element] = []
        self.unmapped: list[Unmapped] = []
        self.hasty: list[Element] = []
        self.title = ""
        self.place = 0

    def read(self) -> None:
        """Reads to the end."""
        while self.place < len(self.lines) and self.lines[self.place].blank:
            self.place += 1
        page = read_title_page(self.lines, self.place, ends=FOUNTAIN_HEADING)
        self.title = title_in(page)
        for entry in page:
            self._one("title", entry.raw)
        while self.place < len(self.lines):
            line = self.lines[self.place]
            if line.blank:
                self.place += 1
            elif line.comment:
                self._comment(line)
            else:
                self._block(line, line.text.strip())

    def _text(self, place: int) -> str:
        """What stands in a line, "" for none, blank and comment."""
        return self.lines[place].text.strip() if 0 <= place < len(self.lines) else ""

    def _one(self, kind: str, text: str, note: str = "", number: str = "") -> None:
        line = self.lines[self.place]
        beside = "; ".join(one for one in (note, line.note) if one)
        self.elements.append(Element(kind, text, line.number, line.number, note=beside, number=number))
        self.place += 1

    def _comment(self, line: SourceLine) -> None:
        """A note or a boneyard that fills its lines: one element, however many they are."""
        start = self.place
        while self.place < len(self.lines):
            now = self.lines[self.place]
            if now.text.strip() or (now.kind, now.within) != (line.kind, line.within):
                break
            self.place += 1
        raws = [one.raw.strip() for one in self.lines[start : self.place]]
        last = self.lines[self.place - 1].number
        self.elements.append(Element(line.kind, "\n".join(raws), line.number, last))

    def _block(self, line: SourceLine, text: str) -> None:
        free = not self._text(self.place - 1)  # what needs a blank line before it
        forced = text.startswith(".") and text[1:2] not in (".", "")
        if (free and (forced or FOUNTAIN_HEADING.match(text))) or _sure_heading(text):
            self._heading(text, forced)
        elif text.startswith("#"):
            self._one("section", text.lstrip("# "))
        elif text.startswith("==="):
            self._one("page-break", text)
        elif text.startswith("="):
            self._one("synopsis", text[1:].strip())
        elif text.startswith("~"):
            self._one("lyric", plain(text[1:]).strip())
        elif text.startswith(">"):
            self._marked(text)
        elif text.startswith("!"):
            self._action()
        elif text.startswith("@") and len(text) > 1:
            self._speech(line, text)
        elif not _WORDED.search(text):
            self.unmapped.append(Unmapped(line.number, line.raw))
            self.place += 1
        elif is_transition(text, free and not self._text(self.place + 1)):
            self._one("transition", text)
        elif free and not self._text(self.place + 1) and read_mark(text) is not None:
            self._one("section", text)
        elif free and self._text(self.place + 1) and is_cue(text):
            self._speech(line, text)
        elif not self._hasty(line, text):
            self._action()

    def _heading(self, text: str, forced: bool) -> None:
        numbered = SCENE_NUMBER.search(text)
        bare = (text[: numbered.start()] if numbered else text).strip()
        said = plain(bare[1:].strip() if forced else bare)
        self._one("heading", said, read_heading(said).rest, numbered[1] if numbered else "")

    def _marked(self, text: str) -> None:
        if text.endswith("<") and len(text) > 1:
            self._one("centred", plain(text[1:-1].strip()))
        else:
            self._one("transition", plain(text[1:].strip()))

    def _speech(self, line: SourceLine, cue: str) -> None:
        """A cue and what hangs below it, up to a blank line; a bracket in the middle parts two lines.

        A note among the words is in their span and in nobody's mouth: it is no direction to the actor.
        """
        saying = Saying(plain(cue), line.number, dual=cue.endswith("^"))
        self.place += 1
        if not saying.named:
            self.unmapped.append(Unmapped(line.number, line.raw))
            return
        while self.place < len(self.lines):
            now = self.lines[self.place]
            if not now.raw or (now.blank and not (now.raw.startswith("  ") and self._text(self.place + 1))):
                break
            text = now.text.strip()
            if _sure_heading(text):
                break
            if len(text) > 1 and text[0] in "(（" and text[-1] in ")）":
                saying.bracket(now.number, now.raw, text[1:-1].strip())
            else:
                words = plain(text.removeprefix("~")).strip()
                saying.words(now.number, now.raw, words, sung=text.startswith("~"))
            self.place += 1
        saying.done()
        self.elements += saying.elements
        self.unmapped += [one for one in saying.unmapped if one.text.strip()]

    def _hasty(self, line: SourceLine, text: str) -> bool:
        """`XIAO MEI (whispering) Is it done?` and `XIAO MEI: Is it done?`, all on one line."""
        match = _ONE_LINE.match(text)
        colon = False
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
            colon = not match[2]
        spoken = plain(text[match.end() :]).strip()
        if not name or not _WORDED.search(spoken):
            return False
        one = Element("line", spoken, line.number, line.number, character=name, how=how, note=note)
        self.elements.append(one)
        if colon:
            self.hasty.append(one)
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

    def doubts(self) -> list[Ambiguous]:
        """Lines such as `LATER: rain.` by a name that speaks nowhere else."""
        hasty = {one.first for one in self.hasty}
        known = {same_key(one.character) for one in self.elements if one.character and one.first not in hasty}
        count: dict[str, int] = {}
        for one in self.hasty:
            count[same_key(one.character)] = count.get(same_key(one.character), 0) + 1
        return [
            Ambiguous(one.first, self.lines[one.first - 1].raw.strip(), f"line of {one.character}", "action")
            for one in self.hasty
            if same_key(one.character) not in known and count[same_key(one.character)] == 1
        ]


def read_fountain(lines: list[str]) -> Reading:
    """What the source lines say. Never raises, linear in the size of the source."""
    reader = _Reader(uncomment(lines))
    reader.read()
    return Reading(reader.title, tuple(reader.elements), tuple(reader.unmapped), tuple(reader.doubts()))
