"""Compares subtitles with a script: which lines are missing, changed, added or moved (no plugin)."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from difflib import SequenceMatcher

from attrs import frozen

__all__ = ["Comparison", "base_line", "compare", "normal"]

_QUOTES = str.maketrans(
    dict.fromkeys("“”„‟«»「」『』〝〞＂", '"') | dict.fromkeys("‘’‚‛`´＇", "'") | dict.fromkeys("–—―‒‑−", "-")
)
_PART = re.compile(r"^(.*\d)[a-z]+$")
_ALIKE = 0.6
_NEAR = 60  # so many left-over lines and cues are paired; beyond that all is wrong anyway


def normal(text: str) -> str:
    """A text as it is compared: NFKC, one shape for quotes and dashes, only what is drawn, no space."""
    plain = unicodedata.normalize("NFKC", text).translate(_QUOTES)
    return "".join(char for char in plain if not char.isspace() and unicodedata.category(char)[0] != "C")


def base_line(line: str) -> str:
    """The script's line of a part: "L007b" is of "L007"."""
    found = _PART.match(line)
    return found[1] if found else line


@frozen
class Comparison:
    """What was found; numbers are indices into the script's lines and into the cues.

    `missing` lines have no cue; `changed` are (line, cue) whose words differ; `extra` cues are of no line;
    `moved` lines stand out of the script's order (the fewest that would have to move); `places` says for
    every line that was found from which cue to which it reaches.
    """

    missing: tuple[int, ...]
    changed: tuple[tuple[int, int], ...]
    extra: tuple[int, ...]
    moved: tuple[int, ...]
    places: dict[int, tuple[int, int]]

    @property
    def faults(self) -> int:
        """How many there are in all."""
        return len(self.missing) + len(self.changed) + len(self.extra) + len(self.moved)


def compare(lines: Sequence[str], cues: Sequence[str]) -> Comparison:
    """Finds every line in the cues, where each line is one or several whole cues in a row."""
    want, have = [normal(text) for text in lines], [normal(text) for text in cues]
    open_lines = [i for i, text in enumerate(want) if text]
    places: dict[int, tuple[int, int]] = {}
    strangers: list[int] = []
    at, expected = 0, 0
    while at < len(have):
        if not have[at]:
            at += 1
            continue
        split = bisect_left(open_lines, expected)
        order = open_lines[split:] + open_lines[:split]
        for line in order:
            count = _taken(want[line], have, at)
            if count:
                places[line] = (at, at + count - 1)
                open_lines.remove(line)
                at, expected = at + count, line + 1
                break
        else:
            strangers.append(at)
            at += 1
    changed, missing, extra = _paired(open_lines, strangers, want, have)
    return Comparison(missing, changed, extra, _moved(places), places)


def _taken(line: str, cues: Sequence[str], at: int) -> int:
    """How many cues from `at` on make up exactly this line; 0 where they do not."""
    done = 0
    for number in range(at, len(cues)):
        if not line.startswith(cues[number], done):
            return 0
        done += len(cues[number])
        if done == len(line):
            return number - at + 1
    return 0


def _paired(
    lines: Sequence[int], cues: Sequence[int], want: Sequence[str], have: Sequence[str]
) -> tuple[tuple[tuple[int, int], ...], tuple[int, ...], tuple[int, ...]]:
    """Takes lines and cues that are left over together where their words are alike or one is in the other."""
    changed: list[tuple[int, int]] = []
    missing: list[int] = []
    left = list(cues)
    for line in lines:
        best, found = 0.0, None
        for cue in left[:_NEAR] if len(changed) + len(missing) < _NEAR else ():
            alike = _ALIKE if have[cue] in want[line] else 0.0
            matcher = SequenceMatcher(None, want[line][:400], have[cue][:400], autojunk=False)
            if matcher.quick_ratio() > max(best, alike):
                alike = max(alike, matcher.ratio())
            if alike > best:
                best, found = alike, cue
        if found is None or best < _ALIKE:
            missing.append(line)
            continue
        changed.append((line, found))
        # A line that was split into cues leaves several over for its one changed word.
        left = [cue for cue in left if cue != found and not (len(have[cue]) > 1 and have[cue] in want[line])]
    return tuple(changed), tuple(missing), tuple(left)


def _moved(places: dict[int, tuple[int, int]]) -> tuple[int, ...]:
    """The lines outside a longest run of lines that stand in the script's order."""
    found = [line for line, _ in sorted(places.items(), key=lambda item: item[1])]
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = [-1] * len(found)
    for number, line in enumerate(found):
        at = bisect_left(tails, line)
        before[number] = ends[at - 1] if at else -1
        if at == len(tails):
            tails.append(line)
            ends.append(number)
        else:
            tails[at], ends[at] = line, number
    kept: set[int] = set()
    number = ends[-1] if ends else -1
    while number >= 0:
        kept.add(found[number])
        number = before[number]
    return tuple(sorted(line for line in found if line not in kept))
