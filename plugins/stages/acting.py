"""Reads from the script how a line is to be said: parenthetical, punctuation, mood; English and Chinese."""

from __future__ import annotations

import re

from attrs import frozen

from ...events.dialogue import Direction, LineDirected
from ...events.script import Line, ShotPlanned

__all__ = ["MANNERS", "Manner", "directed", "direction_of", "language_of"]

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")


@frozen
class Manner:
    """A way to say a line: % of the normal pace, pitch steps, % of the normal volume, and its words."""

    tone: str
    pace: int
    pitch: int
    volume: int
    english: str
    chinese: str


# The order decides where a note has words of several: how loud a line is said comes before how it is felt.
# English words are stems and match at a word's start.
MANNERS: tuple[Manner, ...] = (
    Manner(
        "whisper",
        92,
        -4,
        60,
        "whisper, under her breath, under his breath, hushed, sotto, mouthing",
        "低声, 小声, 轻声, 悄声, 耳语, 压低, 嘀咕, 悄悄",
    ),
    Manner(
        "mutter",
        95,
        -6,
        72,
        "mutter, mumbl, murmur, to himself, to herself, to themsel",
        "喃喃, 自语, 嘟囔, 咕哝",
    ),
    Manner(
        "shout",
        108,
        10,
        125,
        "shout, yell, scream, roar, cry out, cries out, calling, calls out, loud",
        "喊, 吼, 大叫, 尖叫, 高声, 大声",
    ),
    Manner(
        "angry",
        106,
        5,
        115,
        "angr, furious, snap, bark, hiss, snarl, rage, through gritted, bitter",
        "怒, 生气, 咬牙, 恼, 厉声, 恨",
    ),
    Manner(
        "cry",
        90,
        6,
        88,
        "cry, cries, sob, weep, tear, choked, voice break",
        "哭, 哽咽, 抽泣, 泪",
    ),
    Manner(
        "afraid",
        108,
        8,
        88,
        "afraid, scared, fear, trembl, terrif, panic, nervous, shak, stammer, anxious",
        "害怕, 恐惧, 颤, 紧张, 惊恐, 慌, 发抖, 结巴, 不安",
    ),
    Manner(
        "surprised",
        106,
        9,
        105,
        "surpris, shock, gasp, stunned, disbelie, startl",
        "惊, 愣, 难以置信",
    ),
    Manner(
        "urgent",
        116,
        4,
        105,
        "urgent, quick, hurr, rush, breathless, fast, desperat",
        "急, 匆, 飞快, 气喘, 连忙, 催",
    ),
    Manner(
        "happy",
        105,
        7,
        103,
        "happ, laugh, smil, joy, excit, cheer, grin, chuckl, delight, giggl",
        "笑, 高兴, 开心, 兴奋, 欢, 喜",
    ),
    Manner(
        "tender",
        92,
        2,
        85,
        "tender, gentl, soft, warm, kind, loving, quiet, sooth",
        "温柔, 柔声, 轻柔, 温和, 安慰, 深情",
    ),
    Manner(
        "sad",
        90,
        -5,
        88,
        "sad, sorrow, sigh, regret, defeat, broken, heavy, mourn, weary, tired",
        "悲, 难过, 叹, 沮丧, 伤心, 失望, 疲惫, 黯然",
    ),
    Manner(
        "cold",
        94,
        -4,
        97,
        "cold, icy, flat, threat, menac, stern, calm, dry, grim, sneer, deadpan",
        "冷, 平静, 威胁, 严肃, 讥, 阴沉, 淡淡, 沉声",
    ),
    Manner("slow", 86, 0, 98, "slow, pause, beat, hesit, careful", "缓缓, 慢, 犹豫, 迟疑, 停顿"),
)
_WORDS = [
    (
        manner,
        re.compile("|".join(rf"(?<![a-z]){re.escape(word)}" for word in manner.english.split(", "))),
        tuple(manner.chinese.split(", ")),
    )
    for manner in MANNERS
]
_BY_TONE = {manner.tone: manner for manner in MANNERS}
_MOST_NOTE = 400  # signs of a parenthetical that are read; no script means more


def direction_of(note: str, text: str, how: str = "spoken", mood: str = "") -> Direction:
    """How a line is said: pace and volume in percent of normal, pitch in steps of 0..99 from the voice's own.

    `note` is the parenthetical, `how` spoken | os | vo, `mood` the shot's tone word. The note decides;
    without a known word in it, the mood lends a third of its weight; punctuation is added to either. Pace
    stays within 70..140, pitch within -20..20, volume within 40..130.
    """
    tone, pace, pitch, volume = _from_note(note)
    if not tone and mood in _BY_TONE:
        felt = _BY_TONE[mood]
        tone = mood
        pace, pitch, volume = 100 + (felt.pace - 100) // 3, felt.pitch // 3, 100 + (felt.volume - 100) // 3
    stripped = text.rstrip(" \t\"'”’」』）)")
    if stripped.endswith(("!", "！")):
        pace, pitch, volume = pace + 3, pitch + 3, volume + 8
    elif stripped.endswith(("?", "？")):
        pitch += 4
    if "..." in text or "…" in text:
        pace -= 6
    if stripped.endswith(("—", "--")):
        pace += 4
    if how == "vo":
        # A thought is said closer and slower than a word to somebody else.
        pace, volume = pace - 4, volume - 6
    return Direction(
        pace=min(140, max(70, pace)),
        pitch=min(20, max(-20, pitch)),
        volume=min(130, max(40, volume)),
        tone=tone or "neutral",
    )


def directed(shot: ShotPlanned, line: Line, direction: Direction | None = None) -> LineDirected:
    """A line with its direction; without one, with that of the rules."""
    if direction is None:
        direction = direction_of(line.note, line.text, line.how, shot.mood)
    return LineDirected(
        revision=shot.revision,
        line=line.line,
        shot=shot.shot,
        character=line.character,
        text=line.text,
        direction=direction,
    )


def _from_note(note: str) -> tuple[str, int, int, int]:
    """Tone, pace, pitch and volume of the first manner that the note names; ("", 100, 0, 100) for none."""
    said = note[:_MOST_NOTE].lower()
    for manner, english, chinese in _WORDS:
        if english.search(said) or any(word in said for word in chinese):
            return manner.tone, manner.pace, manner.pitch, manner.volume
    return "", 100, 0, 100


def language_of(text: str, otherwise: str) -> str:
    """zh for a text with Chinese in it, en for one in Latin letters, the script's language for neither."""
    if _HAN.search(text):
        return "zh"
    if _LATIN.search(text):
        return "en"
    return otherwise if otherwise in ("zh", "en") else "en"
