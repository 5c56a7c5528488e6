"""ElevenLabs' models with dated prices, and its premade voices: data, not tried against the vendor."""

from __future__ import annotations

from ..calling.models import Model

__all__ = ["MODELS", "VOICES", "most_characters", "takes_language"]

_DAY = "2026-11-24"
_MAP = "litellm 1.109.1 price map (a cross-check, not the vendor), read 2026-11-24"


def _voice(name: str, dollars: int) -> Model:
    """`dollars` for a million characters."""
    return Model(name, {"character": dollars * 1_000_000}, _MAP, _DAY)


MODELS: tuple[Model, ...] = (
    _voice("eleven_multilingual_v2", 80),
    _voice("eleven_v3", 80),
    _voice("eleven_v4", 80),
    _voice("eleven_v4_turbo", 40),
    _voice("eleven_flash_v2_5", 40),
    _voice("eleven_turbo_v2_5", 40),
)


def most_characters(model: str) -> int:
    """How many characters one call may have: as the vendor's help pages say, the least for others."""
    if model.endswith(("flash_v2_5", "turbo_v2_5")):
        return 40_000
    return 10_000 if model == "eleven_multilingual_v2" else 5000


def takes_language(model: str) -> bool:
    """Whether the language may be named; eleven_multilingual_v2 finds it out by itself and takes no name."""
    return model.endswith("_v2_5") or model.startswith(("eleven_v3", "eleven_v4"))


# Ids of the premade voices, which every account has, as public code names them (Sarah, Jessica, ...); what
# they sound like is the vendor's own description.
VOICES: dict[str, tuple[str, ...]] = {
    "female": (
        "EXAVITQu4vr4xnSDxMaL",  # Sarah
        "XrExE9yKIg1WjnnlVkGX",  # Matilda
        "Xb7hH8MSUJpSbSDYk0k2",  # Alice
        "pFZP5JQG7iQjIQuC4Bku",  # Lily
    ),
    "female-young": (
        "cgSgspJ2msm6clMCkdW9",  # Jessica
        "FGY2WhTYpPnrIDTdsKH5",  # Laura
    ),
    "male": (
        "nPczCjzI2devNBz1zQrb",  # Brian
        "JBFqnCBsd6RMkjVDRZzb",  # George
        "cjVigY5qzO86Huf0OWal",  # Eric
        "onwK4e9ZLuTAKqWW03F9",  # Daniel
        "iP95p4xoKVk53GoZ742B",  # Chris
    ),
    "male-young": (
        "TX3LPaxmHKxFdv7VOQHJ",  # Liam
        "bIHbv24MWmeRgasZH58o",  # Will
        "IKne3meq5aSn9XLyUdCD",  # Charlie
    ),
    "male-old": ("pqHfZKP75CvOlQylNhV4",),  # Bill
    "neutral": ("SAz9YHcvj6GT2YYXdXww",),  # River
}
"""Voices by gender, and by age where there are some: a studio's own table replaces these name by name."""
