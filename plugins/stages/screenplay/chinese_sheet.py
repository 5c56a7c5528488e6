"""What the readers of the short-drama layout write on: source lines in, elements and doubts out."""

from __future__ import annotations

from ....events.script import Ambiguous, Element, Unmapped
from . import labels
from .speech import without_label
from .widths import fold, trim

__all__ = ["LayoutSheet"]


class LayoutSheet:
    """The source lines, how far they are read (`place`, from 0), and what was made of them."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.place = 0
        self.elements: list[Element] = []
        self.unmapped: list[Unmapped] = []
        self.ambiguous: list[Ambiguous] = []

    def _blank(self, place: int) -> bool:
        return not self.lines[place].strip(" \t\u3000\ufeff\xa0").strip()

    def _next(self, place: int, gap: int = 2) -> int:
        """The next line that is not blank, over at most `gap` blank ones; -1 for none."""
        for at in range(place + 1, min(place + 2 + gap, len(self.lines))):
            if not self._blank(at):
                return at
        return -1

    def _one(self, kind: str, text: str, *, note: str = "", number: str = "", last: int = -1) -> None:
        """Stores an element up to the line `last` (from 0; by default the present one), and goes on."""
        last = self.place if last < 0 else last
        self.elements.append(Element(kind, text, self.place + 1, last + 1, note=note, number=number))
        self.place = last + 1

    def _lost(self) -> None:
        self.unmapped.append(Unmapped(self.place + 1, self.lines[self.place]))
        self.place += 1

    def _doubt(self, taken: str, other: str, place: int = -1) -> None:
        at = self.place if place < 0 else place
        self.ambiguous.append(Ambiguous(at + 1, self.lines[at], taken, other))

    def _action(self, text: str) -> None:
        """An action; a camera's word before it (`【特写】`, `CLOSE-UP:`) is its note."""
        plain = fold(text)
        label, value = labels.label_of(text)
        if label == "camera" and value:
            self._by_label(label, value, text)
            return
        close = plain.find(")" if plain[0] == "(" else "]", 1, 200) if plain[0] in "([" else -1
        inside = trim(text[1:close]) if close > 0 else ""
        if (
            inside
            and trim(text[close + 1 :])
            and (labels.is_camera(inside) or self._is_remark(text[0], inside))
        ):
            self._one("action", without_label(text[close + 1 :]) or text, note=inside)
            return
        self._one("action", text)

    def _is_remark(self, opening: str, inside: str) -> bool:
        """`【慢，跟她的脚步】` before an action; but 【小美】 may be a word of its sentence."""
        return opening == "【" and any(char in " :,;。、" for char in fold(inside))

    def _by_label(self, label: str, value: str, text: str) -> None:
        """`字幕：三天后`, `特写：戒指`, `音效：雷声`, inside a scene and without brackets."""
        if label == "camera" and value:
            self._one("action", value, note=trim(text[: len(text) - len(value)]).rstrip(":： "))
        else:
            self._one(label if label in ("note", "synopsis") else "cue", text)
