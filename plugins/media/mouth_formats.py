"""Writes the mouth of a line down: as JSON with everything, and as Rhubarb Lip Sync writes it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from xml.sax.saxutils import escape

from .timing import TimedLine
from .visemes import Cue

__all__ = ["FORMATS", "as_json", "written"]

FORMATS = ("json", "rhubarb-json", "rhubarb-tsv", "rhubarb-xml")


def as_json(
    timed: TimedLine, cues: Sequence[Cue], *, text: str, language: str, duration_ms: int
) -> dict[str, object]:
    """Everything about a line; times in ms. `rate` counts words (English) or characters a minute.

    The shapes are Rhubarb's A to H and X.
    """
    minutes = duration_ms / 60_000
    return {
        "text": text,
        "language": language,
        "duration_ms": duration_ms,
        "how": timed.how,
        "words": [{"text": one.text, "start_ms": one.start_ms, "end_ms": one.end_ms} for one in timed.words],
        "phonemes": [{"symbol": one.symbol, "start_ms": one.start_ms} for one in timed.sounds],
        "visemes": [{"shape": shape, "start_ms": start} for start, shape in cues],
        "characters_per_minute" if language == "zh" else "words_per_minute": round(len(timed.words) / minutes)
        if minutes
        else 0,
    }


def written(
    timed: TimedLine, cues: Sequence[Cue], form: str, *, text: str, language: str, duration_ms: int, file: str
) -> str:
    """The text of one of FORMATS.

    Rhubarb's forms (its README, "Output formats"): TSV rows `seconds<TAB>shape`, XML and JSON with a start
    and an end for each cue. ValueError for another form.
    """
    if form == "json":
        told = as_json(timed, cues, text=text, language=language, duration_ms=duration_ms)
        return json.dumps(told, ensure_ascii=False, indent=1) + "\n"
    if form == "rhubarb-tsv":
        rows = [f"{start / 1000:.2f}\t{shape}" for start, shape in cues]
        if not cues or cues[-1][0] < duration_ms:
            rows.append(f"{duration_ms / 1000:.2f}\tX")
        return "\n".join(rows) + "\n"
    spans = [
        (start, end, shape)
        for (start, shape), end in zip(cues, [*(at for at, _ in cues[1:]), duration_ms], strict=True)
        if end > start
    ]
    if form == "rhubarb-json":
        return json.dumps(
            {
                "metadata": {"soundFile": file, "duration": duration_ms / 1000},
                "mouthCues": [{"start": a / 1000, "end": b / 1000, "value": shape} for a, b, shape in spans],
            },
            ensure_ascii=False,
            indent=2,
        ) + "\n"  # fmt: skip
    if form == "rhubarb-xml":
        rows = [
            f'    <mouthCue start="{a / 1000:.2f}" end="{b / 1000:.2f}">{shape}</mouthCue>'
            for a, b, shape in spans
        ]
        return (
            '<?xml version="1.0" encoding="utf-8"?>\n<rhubarbResult>\n  <metadata>\n'
            f"    <soundFile>{escape(file)}</soundFile>\n    <duration>{duration_ms / 1000:.2f}</duration>\n"
            "  </metadata>\n  <mouthCues>\n" + "\n".join(rows) + "\n  </mouthCues>\n</rhubarbResult>\n"
        )
    raise ValueError(f"no format {form!r}; there are: {', '.join(FORMATS)}")
