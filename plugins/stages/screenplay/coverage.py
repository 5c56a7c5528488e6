"""Film grammar: how near the camera stands for a line or an action, and how it moves."""

from __future__ import annotations

import re
from collections.abc import Sequence

from . import tone
from .beats import Act, Say

__all__ = ["action_size", "line_size", "move_of_action", "other_size"]

_TOGETHER = ("TWO", "OTS", "MCU", "CU")
_ALONE = ("MS", "MCU", "CU", "CU")
_OTHER = {"EWS": "WS", "WS": "FS", "FS": "MS", "MS": "MCU", "MCU": "CU", "CU": "MCU", "ECU": "MCU",
          "TWO": "MCU", "OTS": "MCU", "INSERT": "CU"}  # fmt: skip
_UP = re.compile(r"\b(?:looks? up|sky|rooftop|ceiling|above)\b|抬头|天空|屋顶|仰望", re.IGNORECASE)
_DOWN = re.compile(
    r"\b(?:looks? down|falls?|drops?|kneels?|floor|collapses?)\b|低头|跪|倒下|掉|地上|落地", re.IGNORECASE
)


def other_size(size: str) -> str:
    """The size to cut to when the same face at the same size would jump."""
    return _OTHER[size]


def line_size(say: Say, place: int, of: int, paired: bool, recent: Sequence[str]) -> str:
    """The size for a line: wide to close as the scene tightens, closer with feeling, wide again for relief.

    `place` of `of` counts the scene's lines from 0; `recent` are the sizes so far.
    """
    ladder = _TOGETHER if paired else _ALONE
    progress = place / max(1, of)
    if place == 0:
        level = 0 if say.intensity < 2 else 2
    elif place == of - 1 and of > 2:
        level = 3
    else:
        level = (1 if progress < 0.4 else 2) + (1 if say.intensity >= 2 else 0)
        tight = len(recent) >= 3 and all(size in ("MCU", "CU", "ECU") for size in recent[-3:])
        if tight and say.intensity < 2:
            level = 0
    if say.intensity >= 3 and place == of - 1 and recent and recent[-1] == "CU":
        return "ECU"
    return ladder[min(level, 3)]


def action_size(act: Act, people: int, recent: Sequence[str]) -> str:
    """The size for an action: a prop in hand fills the frame, a face comes close, a walk needs room."""
    moving = tone.MOVES.has(act.bare)
    struck = tone.expression_of(act.bare) in ("surprised", "sad", "afraid") and tone.FACES.has(act.bare)
    if act.subject and people == 1 and struck and not moving:
        return "CU"
    if act.objects and tone.HANDLES.has(act.bare) and not moving and recent[-1:] != ["INSERT"]:
        return "INSERT"
    if not act.subject:
        return "INSERT" if set(act.objects) - tone.SCENERY and recent[-1:] != ["INSERT"] else "WS"
    if people > 1:
        return "TWO" if people == 2 else "FS"
    if moving:
        return "FS"
    return "CU" if tone.FACES.has(act.bare) else "MS"


def move_of_action(act: Act, size: str, side: str) -> str:
    """Camera moves only with a reason: an arrival is followed, a departure let go, a feeling approached."""
    if size == "INSERT":
        return "still" if act.subject else "push-in"
    if tone.LEAVES.has(act.bare):
        return "pull-out"
    if _UP.search(act.bare):
        return "tilt-up"
    if tone.ARRIVES.has(act.bare) or (size in ("FS", "WS", "EWS") and tone.MOVES.has(act.bare)):
        return "pan-left" if side in ("right", "centre-right") else "pan-right"
    if _DOWN.search(act.bare):
        return "tilt-down"
    return "push-in" if size in ("CU", "ECU", "WS", "EWS") else "still"
