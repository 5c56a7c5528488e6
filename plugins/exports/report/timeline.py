"""The timeline of the report: shots, lines and subtitles over the film's clock, drawn with boxes."""

from __future__ import annotations

import hashlib
from typing import Any

from .markup import clock, safe, shorten

__all__ = ["hue", "timeline"]

_MOST_BOXES = 2000


def hue(name: str) -> int:
    """A hue 0..359 of its own for a name."""
    return int.from_bytes(hashlib.sha256(name.encode("utf-8", "replace")).digest()[:4], "big") % 360


def timeline(data: dict[str, Any], words: dict[str, str]) -> str:
    """The three lanes as HTML; empty where nothing has a time yet."""
    shots = data["shots"]
    ends = [s["start_ms"] + s["duration_ms"] for s in shots]
    ends += [s["end_ms"] for s in data["subtitles"]]
    film = data["episode"]["film"]
    if film:
        ends.append(film["duration_ms"])
    total = max(ends, default=0)
    if total <= 0:
        return ""
    scenes = {scene["scene"]: number for number, scene in enumerate(data["scenes"])}
    lanes = [
        _lane(
            words["shots"],
            "".join(
                _box(
                    s["start_ms"],
                    s["start_ms"] + s["duration_ms"],
                    total,
                    s["shot"],
                    f"{s['shot']} {s['size']} {clock(s['duration_ms'])}",
                    f"background:hsl({(scenes.get(s['scene'], 0) * 137 + 200) % 360} 32% "
                    f"{34 if s['number'] % 2 else 42}%)",
                )
                for s in shots[:_MOST_BOXES]
            ),
        ),
        _lane(
            words["lines"],
            "".join(
                _box(
                    one["start_ms"],
                    one["start_ms"] + (one["duration_ms"] or 0),
                    total,
                    one["character"],
                    f"{one['line']} {one['character']}: {one['text']}",
                    f"background:hsl({hue(one['character'])} 45% 38%)",
                )
                for one in data["lines"][:_MOST_BOXES]
                if one["start_ms"] is not None
            ),
        ),
        _lane(
            words["subtitles"],
            "".join(
                _box(one["start_ms"], one["end_ms"], total, one["text"], one["text"], "", " sub")
                for one in data["subtitles"][:_MOST_BOXES]
            ),
        ),
    ]
    width = max(900, min(20_000, total * 11 // 1000))
    return (
        f'<div class="card tl scroll"><div class="inner" style="min-width:{width}px">'
        f"{_ticks(total)}{''.join(lanes)}</div></div>"
    )


def _ticks(total: int) -> str:
    step = next((s for s in (5, 10, 20, 30, 60, 120, 300) if total / 1000 / s <= 20), 600)
    return (
        '<div class="ticks">'
        + "".join(
            f'<span style="left:{at * 100_000 / total:.3f}%">{at // 60}:{at % 60:02d}</span>'
            for at in range(0, total // 1000 + 1, step)
        )
        + "</div>"
    )


def _lane(name: str, boxes: str) -> str:
    return f'<span class="name">{safe(name)}</span><div class="lane">{boxes}</div>'


def _box(start: int, end: int, total: int, label: str, tip: str, style: str, more: str = "") -> str:
    left, width = start * 100 / total, max(0, end - start) * 100 / total
    return (
        f'<div class="b{more}" style="left:{left:.3f}%;width:{width:.3f}%;{style}" '
        f'title="{shorten(tip, 200)}"><bdi>{shorten(label, 60)}</bdi></div>'
    )
