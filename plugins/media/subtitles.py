"""Splits lines into subtitle cues that can be read in their time, and reads and writes them as SRT."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pysubs2

from .errors import SubtitleError
from .fonts import is_cjk
from .wrapping import broken_in_two, reading_units

MIN_MS = 833  # 5/6 s, Netflix timed text guide
MAX_MS = 7000
GAP_FRAMES = 2
LINGER_MS = 500  # a cue may stay this long after its voice has ended
MAX_LINE = 2000
MAX_SRT = 4 * 1024 * 1024
_PHRASE = re.compile(r"[^,;:.!?，、；：。！？…—]*[,;:.!?，、；：。！？…—]*[”’」』）)\"']*\s*")


@dataclass(frozen=True, slots=True)
class Cue:
    """A subtitle: when it shows (ms) and its text."""

    start_ms: int
    end_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class Limits:
    """How much text a cue may hold and how fast it may be read (units as `reading_units` counts them)."""

    per_line: int
    lines: int
    per_second: float

    @property
    def per_cue(self) -> int:
        """Most units in one cue."""
        return self.per_line * self.lines


def limits_for(language: str, tall: bool) -> Limits:
    """Netflix's limits (zh 16 a line and 9/s, en 42 and 20/s), with shorter lines where a phone's picture is
    narrow."""
    if language == "zh":
        return Limits(14 if tall else 16, 2, 9.0)
    return Limits(28 if tall else 42, 2, 20.0)


def _fits(text: str, language: str, limits: Limits) -> bool:
    """Whether a text can stand as one cue: in two lines, each within the limit."""
    said = text.strip()
    return broken_in_two(said, lambda line: reading_units(line, language), limits.per_line) is not None


def split_line(
    text: str,
    language: str,
    start_ms: int,
    end_ms: int,
    *,
    fps: int,
    tall: bool = True,
    until_ms: int | None = None,
) -> list[Cue]:
    """The cues of one spoken line that sounds from `start_ms` to `end_ms`.

    Breaks at phrases, else between words or signs; each piece gets its share of the time by its length. A
    cue that is too short or too fast stays up to LINGER_MS after the voice, but not past `until_ms`
    (default: no bound); pieces are joined where that cures it and they fit. Cues never overlap, lie two
    frames apart, and last at most 7 s. Raises SubtitleError on empty text, text over 2,000 characters or an
    empty time.
    """
    said = " ".join(text.split())
    if not said or len(said) > MAX_LINE:
        raise SubtitleError(f"a line to subtitle needs 1..{MAX_LINE} characters, got {len(said)}")
    if not 0 <= start_ms < end_ms:
        raise SubtitleError(f"a line cannot sound from {start_ms} to {end_ms} ms")
    limits = limits_for(language, tall)
    last = end_ms + LINGER_MS if until_ms is None else max(end_ms, min(end_ms + LINGER_MS, until_ms))
    pieces = _pieces(said, language, limits)
    pieces = _joined(pieces, language, limits, end_ms - start_ms)
    pieces = _cut_to_time(pieces, language, end_ms - start_ms)
    return _timed(pieces, language, limits, start_ms, end_ms, last, max(1, -(-GAP_FRAMES * 1000 // fps)))


def _pieces(text: str, language: str, limits: Limits) -> list[str]:
    """Phrases, packed up to one line each, with what is longer than a cue broken further."""
    phrases = [p for p in _PHRASE.findall(text) if p]
    out: list[str] = []
    for phrase in phrases:
        small = _broken(phrase, language, limits)
        for part in small:
            joined = out[-1] + part if out else part
            if out and reading_units(joined.strip(), language) <= limits.per_line:
                out[-1] = joined
            else:
                out.append(part)
    return out


def _broken(text: str, language: str, limits: Limits) -> list[str]:
    """Halves of halves until each fits, cut at the space or the sign nearest to the middle."""
    if _fits(text, language, limits):
        return [text]
    at = _middle(text)
    if at is None:
        at = len(text) // 2
    return _broken(text[:at], language, limits) + _broken(text[at:], language, limits)


def _middle(text: str) -> int | None:
    places = [
        i
        for i in range(1, len(text))
        if text[i - 1] == " "
        or (is_cjk(text[i - 1]) and is_cjk(text[i]) and unicodedata.category(text[i])[0] != "P")
    ]
    return min(places, key=lambda i: (abs(2 * i - len(text)), i)) if places else None


def _joined(pieces: list[str], language: str, limits: Limits, sounding_ms: int) -> list[str]:
    """Joins neighbours while one of them would show for less than 5/6 s and the two fit into one cue."""
    pieces = list(pieces)
    while len(pieces) > 1:
        total = sum(_weight(p, language) for p in pieces)
        shares = [sounding_ms * _weight(p, language) / total for p in pieces]
        short = [
            (shares[i] + shares[i + 1], i)
            for i in range(len(pieces) - 1)
            if min(shares[i], shares[i + 1]) < MIN_MS
            and _fits(pieces[i] + pieces[i + 1], language, limits)
            and shares[i] + shares[i + 1] <= MAX_MS
        ]
        if not short:
            return pieces
        _, i = min(short)
        pieces[i : i + 2] = [pieces[i] + pieces[i + 1]]
    return pieces


def _cut_to_time(pieces: list[str], language: str, sounding_ms: int) -> list[str]:
    """Halves pieces that would stand longer than 7 s, where they can be halved."""
    total = sum(_weight(p, language) for p in pieces)
    out: list[str] = []
    for piece in pieces:
        share = sounding_ms * _weight(piece, language) / total
        at = _middle(piece)
        if share > MAX_MS and at is not None:
            left, right = piece[:at], piece[at:]
            out += _cut_to_time([left, right], language, round(share))
        else:
            out.append(piece)
    return out


def _weight(piece: str, language: str) -> float:
    return max(0.5, reading_units(piece, language))


def _timed(
    pieces: list[str], language: str, limits: Limits, start: int, end: int, last: int, gap: int
) -> list[Cue]:
    total = sum(_weight(p, language) for p in pieces)
    bounds, sum_so_far = [start], 0.0
    for piece in pieces:
        sum_so_far += _weight(piece, language)
        bounds.append(start + round((end - start) * sum_so_far / total))
    cues: list[Cue] = []
    for i, piece in enumerate(pieces):
        text = piece.strip()
        begin, stop = bounds[i], bounds[i + 1]
        if i == len(pieces) - 1:
            need = max(MIN_MS, -(-reading_units(text, language) * 1000 // limits.per_second))
            stop = min(last, max(stop, begin + int(need)))
        else:
            stop = max(begin + 1, stop - gap)
        cues.append(Cue(begin, min(stop, begin + MAX_MS), text))
    return cues


def spaced(cues: Sequence[Cue], fps: int) -> list[Cue]:
    """The cues of a whole film in order of time, each ended two frames before the next; one left with no
    time is an error."""
    ordered = sorted(cues, key=lambda c: (c.start_ms, c.end_ms))
    gap = max(1, -(-GAP_FRAMES * 1000 // fps))
    out: list[Cue] = []
    for i, cue in enumerate(ordered):
        end = min(cue.end_ms, ordered[i + 1].start_ms - gap) if i + 1 < len(ordered) else cue.end_ms
        if end <= cue.start_ms:
            raise SubtitleError(
                f"the cue {cue.text[:40]!r} at {cue.start_ms} ms has no time before the next one"
            )
        out.append(replace(cue, end_ms=end))
    return out


def lines_of(text: str) -> tuple[str, ...]:
    """A cue's text in the lines of the file that ships: at most two, of 16 Chinese signs or 42 characters.

    A text that no good break brings into that is broken anywhere, rather than left too wide for a player;
    one that is too long for two lines gets more, and fails its check.
    """
    language = "zh" if any(is_cjk(c) for c in text) else "en"
    limits = limits_for(language, tall=False)

    def width(line: str) -> float:
        return reading_units(line, language)

    good = broken_in_two(text, width, limits.per_line)
    if good is not None:
        return good
    lines: list[str] = [""]
    for char in text:
        if width((lines[-1] + char).strip()) > limits.per_line:
            lines.append("")
        lines[-1] += char
    return tuple(line.strip() for line in lines if line.strip())


def write_srt(cues: Sequence[Cue]) -> str:
    """SubRip text of the cues, in the order given; each text in lines as `lines_of` breaks them."""
    subs = pysubs2.SSAFile()
    for cue in cues:
        if not 0 <= cue.start_ms < cue.end_ms:
            raise SubtitleError(
                f"the cue {cue.text[:40]!r} cannot show from {cue.start_ms} to {cue.end_ms} ms"
            )
        event = pysubs2.SSAEvent(start=cue.start_ms, end=cue.end_ms)
        event.plaintext = "\n".join(line for whole in cue.text.split("\n") for line in lines_of(whole))
        subs.append(event)
    return str(subs.to_string("srt"))


def read_srt(path: Path) -> list[Cue]:
    """The cues of an SRT file, tags removed; SubtitleError if it is none, is over 4 MB or holds no cue."""
    try:
        if path.stat().st_size > MAX_SRT:
            raise SubtitleError(f"{path.name} is over {MAX_SRT} bytes: not a subtitle file")
        subs = pysubs2.SSAFile.from_string(path.read_text(encoding="utf-8-sig"), format_="srt")
    except (OSError, UnicodeDecodeError, ValueError, pysubs2.exceptions.Pysubs2Error) as err:
        raise SubtitleError(f"cannot read {path.name} as SRT: {err}") from err
    cues = [Cue(e.start, e.end, e.plaintext) for e in subs if not e.is_comment]
    if not cues:
        raise SubtitleError(f"{path.name} holds no subtitle")
    return cues
