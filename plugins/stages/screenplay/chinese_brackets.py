"""Lines of the short-drama layout that begin with a bracket: captions, voices, camera, flashbacks."""

from __future__ import annotations

import re

from attrs import evolve

from . import chinese_marks as marks
from . import labels
from .chinese_speech import SpeechReader
from .names import canonical
from .speech import Spoken, split_speech, without_label
from .voices import how_of, voice_label
from .widths import fold, trim

__all__ = ["BracketReader"]

_WORDED = re.compile(r"\w")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")


class BracketReader(SpeechReader):
    """Reads `【字幕：三天后】`, `[OS] 名：……`, `（近景）……` and whole lines in round brackets."""

    def _aside(self, inside: str) -> None:
        """A whole line in round brackets: a voice, a direction, or an action."""
        speech = split_speech(inside)
        voice = voice_label(speech.name, self.os) if speech and not speech.notes else None
        label, _ = labels.label_of(inside)
        if speech and voice and speech.text:
            self._voice(voice, speech.text)
        elif label in ("cue", "note"):
            self._one(label, inside)
        else:
            self._action(inside)

    def _bracket(self, text: str, plain: str) -> None:
        """`【字幕：三天后】`, `【VO：……】`, `[OS] 名：……`, `【特写】戒指`, `【画外音·小美】……`."""
        close = plain.find("]")
        inside = trim(text[1:close] if close > 0 else text[1:])
        rest = trim(text[close + 1 :]) if close > 0 else ""
        if not inside:
            self._lost() if not _WORDED.search(text) else self._one("cue", text)
        elif rest:
            self._labelled(inside, rest)
        else:
            self._inside(inside)

    def _inside(self, inside: str) -> None:
        plain = fold(inside)
        label, value = labels.label_of(inside)
        speech = split_speech(inside)
        voice = voice_label(speech.name, self.os) if speech and speech.text and label != "cue" else None
        if marks.cast_list(plain):
            self._one("cast", inside)
        elif speech and voice:
            self._voice(voice, speech.text, speech.notes)
        elif label == "camera" and value:
            self._one("action", value, note=trim(inside[: len(inside) - len(value)]).rstrip(":： "))
        elif label in ("note", "synopsis"):
            self._one(label, inside)
        else:
            self._one("cue", inside)

    def _judged(self, speech: Spoken) -> tuple[str, bool]:
        return self.facts.judge(canonical(speech.name), speech.name)

    def _labelled(self, inside: str, rest: str) -> None:
        voice = voice_label(inside, self.os)
        speech = split_speech(rest)
        bare = without_label(rest)
        label, _ = labels.label_of(f"{inside}：")
        if marks.cast_list(fold(inside) + ":"):
            self._one("cast", f"{inside}：{bare}")
        elif voice and not voice.name and speech and self._judged(speech)[0] == "line":
            self._say(speech, voice.how)
        elif voice and bare:
            self._voice(voice, bare)
        elif labels.is_camera(inside) and bare:
            self._one("action", bare, note=inside)
        elif label in ("cue", "synopsis", "note", "meta"):
            self._one("cue" if label == "meta" else label, f"{inside}：{bare}")
        elif speech and speech.text and self._judged(speech) == ("line", True):
            self._say(evolve(speech, notes=(inside, *speech.notes)))
        elif fold(rest[:1]) == ":":
            self._one("cue", f"{inside}：{bare}" if bare else inside)
        else:
            self._one("action", rest, note=inside)

    def _led(self, text: str, plain: str) -> bool:
        """`（OS）小美：……`, `（近景）林辰……`, `（哭）小美：……`."""
        close = plain.find(")")
        inside, rest = trim(text[1:close]), trim(text[close + 1 :])
        if close < 0 or not rest or not inside:
            return False
        how = how_of(inside, self.os, not _HAN.search(rest))
        voice = voice_label(inside, self.os)
        if voice and fold(rest[0]) == ":" and without_label(rest):  # `（OS）：……`
            self._voice(voice, without_label(rest))
            return True
        speech = split_speech(rest)
        if speech and speech.text and self._judged(speech)[0] == "line":
            self._say(speech if how else evolve(speech, notes=(inside, *speech.notes)), how)
            return True
        if voice and not speech:  # `（OS）……`
            self._voice(voice, rest)
            return True
        if labels.is_camera(inside):
            self._one("action", rest, note=inside)
            return True
        return False
