"""Reads the short-drama layout, in Chinese and in English, line by line and to the letter."""

from __future__ import annotations

import re

from . import chinese_marks as marks
from . import labels
from .chinese_brackets import BracketReader
from .headings import FOUNTAIN_HEADING, read_heading, read_tokens
from .model import Reading
from .names import canonical
from .pages import furniture
from .speech import split_speech
from .widths import fold, trim, undress

__all__ = ["read_chinese"]

_WORDED = re.compile(r"\w")
_FRAME = re.compile(r"[-=*~_─═]{2,}\s*([^-=*~_─═\s].{0,58}[^-=*~_─═\s])\s*[-=*~_─═]{2,}")
_COMMENTS = (("/*", "*/"), ("<!--", "-->"))
MAX_BELOW = 5  # lines below a heading that may go on with it


def read_chinese(lines: list[str], os: str = "inner") -> Reading:
    """Reads source lines; each ends in one element, in `unmapped`, or is blank. `os`: inner | off.

    Never raises, linear in the size of the source.
    """
    reader = _Reader(lines, os)
    reader.read()
    return Reading(reader.title, tuple(reader.elements), tuple(reader.unmapped), tuple(reader.ambiguous))


class _Reader(BracketReader):
    """One pass over the source lines: headings, what stands above the first, and which reader is next."""

    def __init__(self, lines: list[str], os: str) -> None:
        super().__init__(lines, os)
        self.part = "head"  # head | cast | story | episode (above its first scene) | scene
        self.ends: dict[str, int] = {}  # where the next end of a comment stands; len(lines) = nowhere

    def read(self) -> None:
        """Reads to the end."""
        while self.place < len(self.lines):
            if self._blank(self.place):
                self.place += 1
            else:
                self._line()

    def _line(self) -> None:
        raw = self.lines[self.place]
        kind = furniture(raw, self.title)
        text, hashes = undress(raw)
        plain = fold(text)
        if kind and not self._is_number_of_scene(text):
            self._one(kind, trim(raw))
        elif not text:
            self._one("note", raw)  # nothing but invisible marks
        elif not self._comment(text):
            inner = _FRAME.fullmatch(plain)
            if inner and (marks.EPISODE.match(inner[1]) or marks.TRANSITION.match(inner[1])):
                text, plain = text[inner.start(1) : inner.end(1)], inner[1]  # === 第3集 ===
            done = self._heading(text) or self._kept(text, plain)
            if not done:
                self._told(text, plain, hashes)

    def _is_number_of_scene(self, text: str) -> bool:
        """A number alone is a page's, unless when and where stand below it."""
        below = self._next(self.place)
        if not text.isdigit() or below < 0:
            return False
        return marks.heading_of(f"{text} {undress(self.lines[below])[0]}") is not None

    def _comment(self, text: str) -> bool:
        """A boneyard `/* */` or `<!-- -->` that begins a line; one without an end is plain text."""
        for opening, ending in _COMMENTS:
            last = self._end_of(ending) if text.startswith(opening) else len(self.lines)
            if last == len(self.lines) or not trim(self.lines[last]).endswith(ending):
                continue
            whole = "\n".join(trim(one) for one in self.lines[self.place : last + 1])
            if len(whole) >= len(opening) + len(ending):
                self._one("boneyard", whole[len(opening) : -len(ending)].strip(), last=last)
                return True
        return False

    def _end_of(self, ending: str) -> int:
        """The line where the next `ending` stands, looked for once; the number of lines where none does."""
        if self.ends.get(ending, -1) < self.place:
            found = (at for at in range(self.place, len(self.lines)) if ending in self.lines[at])
            self.ends[ending] = next(found, len(self.lines))
        return self.ends[ending]

    def _heading(self, text: str) -> bool:
        """A scene's heading, with the lines below it that only say when and where."""
        if self._is_number_of_scene(text) or self._is_labelled_scene(text):
            found = read_tokens(text) if marks.is_label(text) else read_heading("")
        elif FOUNTAIN_HEADING.match(text) and len(text) <= 120:
            self.part = "scene"
            self._one("heading", text, note=read_heading(text).rest)
            return True
        else:
            sure = marks.heading_of(text)
            if sure is None or self._speaks_first(text):
                return False
            found = sure
        parts, last, named = [text], self.place, found.place not in ("", text)
        while len(parts) <= MAX_BELOW:
            below = self._next(last)
            more = undress(self.lines[below])[0] if below >= 0 else ""
            if not more or not marks.adds_to(found, named, more):
                break
            parts.append(more)
            last = below
            found = marks.heading_of(" ".join(parts)) or found
            named = found.place not in ("", " ".join(parts), text)
        whole = " ".join(parts)
        self.part = "scene"
        if not found.timed and len(found.place) > 20:
            self._doubt("heading", "action")
        self._one("heading", whole, note=found.rest, number=found.number, last=last)
        return True

    def _is_labelled_scene(self, text: str) -> bool:
        """`场景：茶馆` and `时间：夜` in two lines, without a number above them."""
        below = self._next(self.place, 0)
        if not marks.is_label(text) or below < 0:
            return False
        more = undress(self.lines[below])[0]
        if not marks.is_label(more):
            return False
        both = read_tokens(f"{text} {more}")
        return both.has_time and bool(both.place)

    def _speaks_first(self, text: str) -> bool:
        speech = split_speech(text)
        return speech is not None and self.facts.knows(speech.name)

    def _kept(self, text: str, plain: str) -> bool:
        """What is the same above the first scene and in it."""
        head, names = marks.cast_head(plain), marks.cast_list(plain)
        label, value = labels.label_of(text)
        if head:
            self.part = "cast" if self.part != "scene" else "scene"
            self._one("cast" if text[head:].strip(" 】]") else "section", text)
        elif names:
            if not text[names:].strip() and self.part != "scene":
                self.part = "cast"
                self._one("section", text)
            else:
                self._one("cast", text)
        elif marks.EPISODE.match(plain.strip("[] ")) and not marks.TRANSITION.match(plain.strip("[] ")):
            self._one("section" if self.part == "scene" else "title", text)
            self.part = "scene" if self.part == "scene" else "episode"
        elif label == "synopsis":
            if self.part != "scene":
                self.part = "story" if self.part != "episode" or not value else "episode"
            self._one("synopsis", text)
        elif label == "note" and value:
            self._one("note", text)
        elif plain.startswith("[[") and plain.endswith("]]") and len(text) > 4:
            self._one("note", trim(text[2:-2]))
        elif len(plain) > 2 and plain[0] == ">" and plain[-1] == "<":
            self._one("centred", trim(text[1:-1]))
        elif len(plain) > 1 and plain[0] == ">" and self.part == "scene":
            self._one("transition", trim(text[1:]))
        elif len(plain) > 1 and plain[0] == "=":
            self._one("synopsis", trim(text[1:]))
        elif (plain[0] in "♪♫" and plain[1:2] != ":") or (
            plain[0] == "~" and _WORDED.match(plain[1:].lstrip())
        ):
            self._one("lyric", trim(text.strip("♪♫~～")) or text)
        elif len(plain) <= 60 and marks.TRANSITION.match(plain.strip("()[] ")):
            self._one("transition", trim(_unbracketed(text)))
        elif self._forced_action(text, plain):
            pass
        else:
            return False
        return True

    def _forced_action(self, text: str, plain: str) -> bool:
        match = marks.ACTION.match(plain)
        if match is None:
            return False
        rest = text[match.end() :]
        change = trim(_unbracketed(rest)) if rest else ""
        if 1 < len(change) <= 12 and marks.TRANSITION.match(fold(change)):
            self._one("transition", change)  # ▲切镜
            return True
        speech = split_speech(rest)
        if speech and self.facts.knows(speech.name) and speech.text:
            self._doubt("action", f"line of {canonical(speech.name)}")
        self._action(rest or text)
        return True

    def _told(self, text: str, plain: str, hashes: int) -> None:
        if self.part in ("scene", "episode"):
            self._within(text, plain, hashes)
        else:
            self._before(text, plain)

    def _before(self, text: str, plain: str) -> None:
        """Titles, the people, the story."""
        title = marks.TITLE.match(plain)
        label, value = labels.label_of(text)
        if title and len(text) <= 100:
            self.title = self.title or trim(text[title.start(1) : title.end(1)])
            self._one("title", text)
        elif label == "title" and value:
            self.title = self.title or trim(value.strip('《》"“”'))
            self._one("title", text)
        elif label in ("meta", "cue") and not (self.part == "cast" and labels.is_aspect(text)):
            self._one("title", text)
        elif self.part == "cast" and _WORDED.search(text):
            self._one("cast", text)
        elif self.part == "story" and _WORDED.search(text):
            self._one("synopsis", text)
        elif plain[0] == "[" and plain[-1] == "]":
            self._one("cue", trim(text[1:-1]) or text)
        elif not _WORDED.search(text):
            self._lost()
        elif self._speech_above(text):
            pass
        elif not self.title and len(text) <= 40 and ":" not in plain:
            self.title = trim(text.strip('"“”'))
            self._one("title", text)
        elif len(text) <= 60:
            self._one("title", text)
        else:
            self._one("synopsis", text)
            self._doubt("synopsis", "action", self.place - 1)

    def _speech_above(self, text: str) -> bool:
        """A line that is spoken before any scene's heading."""
        speech = split_speech(text)
        if speech is None or not speech.text:
            return False
        taken, sure = self.facts.judge(canonical(speech.name), speech.name)
        if taken != "line" or not (sure or self.facts.knows(speech.name)):
            return False
        self._say(speech)
        return True

    def _within(self, text: str, plain: str, hashes: int) -> None:
        if hashes:
            self._one("section", text)
        elif plain[0] == "[":
            self._bracket(text, plain)
        elif plain[0] == "(" and plain[-1] == ")" and plain.find(")") == len(plain) - 1:
            self._aside(trim(text[1:-1]) or text)
        elif plain[0] == "(" and self._led(text, plain):
            pass
        elif plain[0] == "@" and (speech := split_speech(text[1:])):
            self._say(speech)
        elif plain[0] == "!" and _WORDED.search(text):
            self._one("action", trim(text[1:]))
        else:
            self._plain(text, plain)

    def _plain(self, text: str, plain: str) -> None:
        numbered = marks.NUMBERED.match(plain)
        said = text[numbered.end() :] if numbered else text
        speech = split_speech(said)
        label, value = labels.label_of(said)
        if speech is not None and self._spoken(speech, said):
            pass
        elif speech is None and label:
            self._by_label(label, value, said)
        elif numbered:
            self._action(said)
        elif self._goes_on(text) or self._cue_alone(text) or self._tabbed(text):
            pass
        elif _WORDED.search(text):
            self._action(text)
        else:
            self._lost()


def _unbracketed(text: str) -> str:
    plain = fold(text)
    start = 1 if plain[0] in "([" else 0
    return text[start : len(text) - (1 if plain[-1] in ")]" else 0)]
