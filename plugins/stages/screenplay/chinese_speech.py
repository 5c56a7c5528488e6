"""Speech in the short-drama layout: who says it, how, with which words, and whether it is speech at all."""

from __future__ import annotations

import re

from attrs import evolve

from ....events.script import Element, Unmapped
from . import chinese_marks as marks
from . import labels
from .chinese_sheet import LayoutSheet
from .evidence import split_joint
from .headings import FOUNTAIN_HEADING
from .names import canonical, is_narrator, same_key
from .pages import furniture
from .speech import ENDED, Spoken, split_speech, split_words
from .survey import survey
from .voices import NARRATOR, Speaker, how_of, read_speaker, voice_label
from .widths import fold, trim, undress

__all__ = ["SpeechReader"]

MAX_WRAPPED = 400  # characters after which a bare line does not go on with the speech above
_WORDED = re.compile(r"\w")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_SAYS = re.compile(r"[^,。!?:]{0,12}(?:说|道|问|喊|叫|答|骂|吼|嘀咕|回应)$")
_GAP = re.compile(r"([^\s:：]{2,12})(?:\t+| {3,}|\u3000{2,})\s*(\S.*)$")
_COUNT = re.compile(r"[甲乙丙丁A-D1-9]$")
_AT_ONCE = re.compile(r"(?:同时|同声|simultaneously|at the same time)$", re.IGNORECASE)


class SpeechReader(LayoutSheet):
    """Stores lines; knows from `survey` who is who. `os`: inner | off, what the mark OS means."""

    def __init__(self, lines: list[str], os: str) -> None:
        super().__init__(lines)
        self.os = os
        self.title = ""
        self.facts, self.wraps = survey(lines)

    def _spoken(self, speech: Spoken, text: str) -> bool:
        """Decides whether what has the shape of speech is spoken; False = an action that is not doubted."""
        label, value = labels.label_of(text)
        name = canonical(speech.name)
        if label and not speech.notes and same_key(name) not in self.facts.listed:
            self._by_label(label, value, text)
            return True
        speaker = read_speaker(speech.name, list(speech.notes), self.os)
        if speaker.marked and len(speech.notes) == 1 and self.facts.knows(speech.notes[0]):
            voice = voice_label(speech.name, self.os)  # `画外音（小美）：`, `OS（小美）：`
            if voice and (not voice.name or is_narrator(voice.name)):
                off = how_of(speech.name, self.os) or voice.how
                self._say(Spoken(speech.notes[0], (), speech.text), off)
                return True
        taken, sure = ("line", True) if speaker.marked else self.facts.judge(speaker.name, speech.name)
        if taken == "line" and not sure and (speech.notes or _begins_with_bracket(speech.text)):
            sure = True  # `张医生（摘下口罩）：` is how a line looks, and no action
        if taken == "action":
            head = self.facts.known_head(speech.name)
            adverb = trim(speech.name[len(head) :])
            if split_joint(speech.name, self.facts.knows):
                self._say(speech)
                return True
            if head and (_SAYS.match(adverb) or self.facts.is_manner(adverb)):
                self._doubt(f"line of {head}", "action")
                self._say(Spoken(head, (*speech.notes, adverb), speech.text))
                return True
            if not sure:
                self._doubt("action", f"line of {name}")
            return False
        if taken == "thing":
            self._doubt("cue", f"line of {name}")
            self._one("cue", text)
            return True
        if not sure:
            self._doubt(f"line of {speaker.name}", "action")
        self._say(speech)
        return True

    def _voice(self, voice: Speaker, text: str, notes: tuple[str, ...] = ()) -> None:
        """Words under a voice mark; one without a name is the narrator's, or a thought of who spoke last."""
        name = voice.name
        if not name:
            name = NARRATOR[_HAN.search(text) is not None]
            if voice.how == "inner":
                thinker = self._thinker()
                taken = f"thought of {thinker}" if thinker else f"voice of {name}"
                self._doubt(taken, f"voice of {name}" if thinker else "somebody's thought")
                name = thinker or name
        self._say(Spoken(name, notes, text), "vo" if name in NARRATOR.values() else voice.how)

    def _thinker(self) -> str:
        """Who spoke last in this scene, or is listed first for it."""
        for element in reversed(self.elements):
            if element.character:
                return element.character
            if element.type == "cast":
                start = marks.cast_list(fold(element.text))
                return next(iter(re.split(r"[、,，\s]", element.text[start:].strip())), "")
            if element.type == "heading":
                break
        return ""

    def _say(self, speech: Spoken, how: str = "") -> None:
        """Stores a line, with its words from the lines below where none stand behind the colon."""
        first = last = self.place
        notes = list(speech.notes)
        text = speech.text
        if not text:
            text, last, below = self._words_below(first)
            notes += below
        speaker = read_speaker(speech.name, notes, self.os)
        if not speaker.name:
            self._voice_alone(speaker, text, last)
            return
        words = split_words(text)
        if words.notes:
            speaker = read_speaker(speech.name, [*notes, *words.notes], self.os)
        for doubtful in words.doubtful:
            if not how_of(doubtful, self.os):
                self._doubt(f"direction ({doubtful})", "spoken words")
        name = self._joint(speaker.name)
        dual, note = self._at_once(speaker.note) if name == speaker.name else (False, speaker.note)
        shape = Element("line", words.text, first + 1, last + 1, character=name, how=how or speaker.how)
        if _WORDED.search(words.text):
            self.elements.append(evolve(shape, note=note, dual=dual))
        elif speaker.note or words.text:
            said = speaker.note or words.text
            self.elements.append(evolve(shape, type="parenthetical", text=said, how="", note=speaker.note))
        else:
            self.unmapped += [
                Unmapped(n + 1, self.lines[n]) for n in range(first, last + 1) if not self._blank(n)
            ]
        self.place = last + 1

    def _voice_alone(self, speaker: Speaker, text: str, last: int) -> None:
        """`OS：……` and `VO：……`, where the mark stands for the name."""
        if not text:
            self._lost()
            return
        count = len(self.elements)
        self._voice(evolve(speaker, name=""), text)
        self.elements[count:] = [evolve(one, last=last + 1) for one in self.elements[count:]]
        self.place = last + 1

    def _joint(self, name: str) -> str:
        parts = split_joint(name, self.facts.knows)
        if not parts:
            return name
        role = parts[0][:-1]  # 路人甲、乙 are 路人甲 and 路人乙
        parts = tuple(role + part if _COUNT.match(part) and role else part for part in parts)
        return ("、" if _HAN.search(name) else " & ").join(canonical(part) for part in parts)

    def _at_once(self, note: str) -> tuple[bool, str]:
        """(whether it is said at once with the line before, the note without the word that says so)."""
        previous = self.elements[-1].type if self.elements else ""
        if previous != "line" or not note:
            return False, note
        parts = re.split(r"([,，、;；])", note)
        kept = [part for part in parts[::2] if not _AT_ONCE.match(part.strip())]
        if len(kept) == len(parts[::2]):
            return False, note
        return True, "，".join(part.strip() for part in kept)

    def _words_below(self, place: int) -> tuple[str, int, list[str]]:
        """(words, last line, brackets) below `名：`: directions in brackets, then one line of words."""
        notes: list[str] = []
        last = place
        while len(notes) < 4:
            below = self._next(last, 1)
            text = undress(self.lines[below])[0] if below >= 0 else ""
            if not text or not self._is_words(text):
                break
            plain = fold(text)
            if plain[0] == "(" and plain[-1] == ")" and plain.find(")") == len(plain) - 1:
                notes.append(trim(text[1:-1]))
                last = below
                continue
            return text, below, notes
        return "", last, notes

    def _is_words(self, text: str) -> bool:
        """Whether a line can be the words of the name above it: no mark of its own."""
        plain = fold(text)
        if plain[0] in "[>=!@♪" or marks.ACTION.match(plain) or marks.cast_list(plain):
            return False
        if (
            marks.TRANSITION.match(plain.strip("()[] "))
            or marks.is_heading(text)
            or FOUNTAIN_HEADING.match(text)
        ):
            return False
        if furniture(text, self.title) or marks.EPISODE.match(plain):
            return False
        speech = split_speech(text)
        return speech is None or self.facts.judge(canonical(speech.name), speech.name)[0] != "line"

    def _cue_alone(self, text: str) -> bool:
        """A known name alone on its line, with the words below it."""
        cut = fold(text).find("(")
        name = trim(text[:cut] if cut > 0 else text)
        if len(name) > 40 or not self.facts.knows(name) or (cut > 0 and fold(text)[-1] != ")"):
            return False
        words, _, _ = self._words_below(self.place)
        if not words:
            return False
        notes = (
            tuple(trim(one) for one in re.findall(r"[(（]([^()（）]*)[)）]", text[cut:])) if cut > 0 else ()
        )
        self._say(Spoken(name, notes, ""))
        return True

    def _tabbed(self, text: str) -> bool:
        """`小美    你来了。`: a known name, a wide gap, and the words."""
        match = _GAP.match(text)
        if match is None or not self.facts.knows(match[1]):
            return False
        self._say(Spoken(match[1], (), match[2]))
        return True

    def _goes_on(self, text: str) -> bool:
        """A bare line under a speech that stopped in mid-sentence, where the house does not write so."""
        last = self.elements[-1] if self.elements else None
        if last is None or last.type != "line" or last.last != self.place or not self.wraps:
            return False
        if ENDED.search(last.text) or not _HAN.search(last.text) or len(last.text) > MAX_WRAPPED:
            return False
        words = split_words(text)
        if not _WORDED.search(words.text):
            return False
        self._doubt(f"line of {last.character}", "action")
        note = "，".join(one for one in (last.note, *words.notes) if one)
        glue = " " if last.text[-1] < "\u2e80" and words.text[0] < "\u2e80" else ""
        whole = f"{last.text}{glue}{words.text}"
        self.elements[-1] = evolve(last, text=whole, last=self.place + 1, note=note)
        self.place += 1
        return True


def _begins_with_bracket(text: str) -> bool:
    return fold(text[:1]) in ("(", "[")
