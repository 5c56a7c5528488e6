"""Row 20: reading. A script of 15,000 characters, read and broken down into shots by the rules."""

from __future__ import annotations

import re
from pathlib import Path

from timing import Figure, busy, ratio_of

from duanju.plugins.stages.screenplay.breakdown import breakdown
from duanju.plugins.stages.screenplay.parse import read
from duanju.plugins.stages.screenplay.told import scenes_of

__all__ = ["reading"]

EXAMPLES = Path(__file__).parents[1] / "examples"
BOUND_S = 3.0
_SCENE = re.compile(r"^(?=(?:INT|EXT)\. |\d+-\d+ )", re.MULTILINE)
_TOKEN = re.compile(r"\w+|[^\w\s]|\s+")


def _long(name: str, characters: int) -> str:
    """An example's scenes over and over, up to a length."""
    head, *scenes = _SCENE.split((EXAMPLES / name).read_text(encoding="utf-8"))
    text, number = head, 0
    while len(text) < characters:
        scene = scenes[number % len(scenes)]
        number += 1
        text += re.sub(r"^\d+-\d+ ", f"1-{number} ", scene).rstrip("\n") + "\n\n"
    return text[:characters]


def _plan(data: bytes) -> None:
    for scene in scenes_of(read(data)):
        breakdown(scene)


def reading(rounds: int, characters: int) -> list[Figure]:
    """CPU seconds beside the bound of 3 s, and beside one pass of a plain tokenizer over the same text."""
    figures = []
    for part, beside, name in (("20a", "20b", "chaguan.txt"), ("20c", "20d", "teahouse.fountain")):
        text = _long(name, characters)
        data = text.encode()
        _plan(data)
        pairs = [
            (busy(lambda data=data: _plan(data)), busy(lambda text=text: len(_TOKEN.findall(text))))  # type: ignore[misc]
            for _ in range(rounds)
        ]
        what = f"read and plan {characters:,} characters ({name})"
        bounds = [(ours, BOUND_S) for ours, _ in pairs]
        figures.append(ratio_of(part, f"{what}: bound", bounds, aim=0.5, note="a bound, no yardstick"))
        figures.append(ratio_of(beside, f"{what}: a tokenizer", pairs, aim=None, scale=1e3, unit="ms"))
    return figures
