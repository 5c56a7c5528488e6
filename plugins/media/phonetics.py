"""Sounds under one set of names: ARPAbet and pinyin in IPA, so that one table draws every mouth."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

__all__ = ["ARPABET", "FINALS", "INITIALS", "chinese_sounds", "ipa_of_arpabet", "ipa_of_pinyin"]

ARPABET: dict[str, str] = {
    "AA": "ɑ", "AE": "æ", "AH": "ʌ", "AO": "ɔ", "AW": "aʊ", "AX": "ə", "AXR": "ɚ", "AY": "aɪ", "EH": "ɛ",
    "ER": "ɝ", "EY": "eɪ", "IH": "ɪ", "IX": "ɨ", "IY": "i", "OW": "oʊ", "OY": "ɔɪ", "UH": "ʊ", "UW": "u",
    "UX": "ʉ", "B": "b", "CH": "tʃ", "D": "d", "DH": "ð", "DX": "ɾ", "EL": "əl", "EM": "əm", "EN": "ən",
    "F": "f", "G": "ɡ", "HH": "h", "JH": "dʒ", "K": "k", "L": "l", "M": "m", "N": "n", "NG": "ŋ", "NX": "ɾ",
    "P": "p", "Q": "ʔ", "R": "ɹ", "S": "s", "SH": "ʃ", "T": "t", "TH": "θ", "V": "v", "W": "w", "WH": "w",
    "Y": "j", "Z": "z", "ZH": "ʒ",
}  # fmt: skip
"""ARPAbet in IPA; source: the CMU Pronouncing Dictionary's phone set and the two-letter TIMIT extensions."""

INITIALS: dict[str, str] = {
    "b": "p", "p": "ph", "m": "m", "f": "f", "d": "t", "t": "th", "n": "n", "l": "l", "g": "k", "k": "kh",
    "h": "x", "j": "tɕ", "q": "tɕh", "x": "ɕ", "zh": "ts.", "ch": "ts.h", "sh": "s.", "r": "ɻ", "z": "ts",
    "c": "tsh", "s": "s", "y": "j", "w": "w", "yu": "ɥ",
}  # fmt: skip
"""Pinyin's initials in the IPA of `visemes`; source: the Scheme of the Chinese Phonetic
Alphabet, with Lee and Zee (2003), Journal of the IPA."""

FINALS: dict[str, tuple[str, ...]] = {
    "a": ("a",), "o": ("o",), "e": ("ɤ",), "ê": ("ɛ",), "i": ("i",), "u": ("u",), "ü": ("y",), "v": ("y",),
    "-i": ("i.",), "er": ("ɑ", "ɻ"), "ai": ("ai",), "ei": ("ei",), "ao": ("au",), "ou": ("oʊ",),
    "an": ("a", "n"), "en": ("ə", "n"), "ang": ("ɑ", "ŋ"), "eng": ("ə", "ŋ"), "ong": ("ʊ", "ŋ"),
    "ia": ("j", "a"), "ie": ("j", "ɛ"), "iao": ("j", "au"), "iou": ("j", "oʊ"), "iu": ("j", "oʊ"),
    "ian": ("j", "ɛ", "n"), "in": ("i", "n"), "iang": ("j", "ɑ", "ŋ"), "ing": ("i", "ŋ"),
    "iong": ("j", "ʊ", "ŋ"), "io": ("j", "o"), "ua": ("w", "a"), "uo": ("w", "o"), "uai": ("w", "ai"),
    "uei": ("w", "ei"), "ui": ("w", "ei"), "uan": ("w", "a", "n"), "uen": ("w", "ə", "n"),
    "un": ("w", "ə", "n"), "uang": ("w", "ɑ", "ŋ"), "ueng": ("w", "ə", "ŋ"), "üe": ("ɥ", "ɛ"),
    "ve": ("ɥ", "ɛ"), "üan": ("ɥ", "ɛ", "n"), "van": ("ɥ", "ɛ", "n"), "ün": ("y", "n"), "vn": ("y", "n"),
    "m": ("m",), "n": ("n",), "ng": ("ŋ",),
}  # fmt: skip
"""Pinyin's finals, likewise. `-i` is the vowel of zhi, chi, shi, ri, zi, ci and si."""

_SYLLABLE = re.compile(r"(zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(.+)$")
_BUZZED = frozenset({"zh", "ch", "sh", "r", "z", "c", "s"})
_DIGITS = dict(
    zip("0123456789", ("ling", "yi", "er", "san", "si", "wu", "liu", "qi", "ba", "jiu"), strict=True)
)


def ipa_of_arpabet(symbol: str) -> str:
    """The IPA of one phone such as `AH0` or `SIL`; "" for silence and for what is no phone."""
    return ARPABET.get(symbol.rstrip("012").upper(), "")


@lru_cache(maxsize=2048)
def ipa_of_pinyin(syllable: str) -> tuple[str, ...]:
    """The sounds of a syllable without its tone, such as `zhuang` or `lü`; () for what is none."""
    plain = syllable.lower().strip("012345").replace("u:", "ü")
    match = _SYLLABLE.match(plain)
    if match is None or plain in ("m", "n", "ng"):
        return FINALS.get(plain, ())
    initial, final = match[1] or "", match[2]
    if initial == "y":  # a spelling of i and ü that begin a syllable
        written = final
        initial, final = "", {"u": "ü", "ue": "üe", "uan": "üan", "un": "ün"}.get(final, final)
        if final == written and not final.startswith("i"):
            final = {"a": "ia", "e": "ie", "o": "io", "ao": "iao", "ou": "iou", "an": "ian", "ang": "iang",
                     "ong": "iong"}.get(final, final)  # fmt: skip
    elif initial == "w":
        initial = ""
        final = {"u": "u", "a": "ua", "o": "uo", "ai": "uai", "ei": "uei", "an": "uan", "en": "uen",
                 "ang": "uang", "eng": "ueng"}.get(final, final)  # fmt: skip
    elif initial in ("j", "q", "x") and final.startswith("u"):
        final = "ü" + final[1:]
    elif initial in _BUZZED and final == "i":
        final = "-i"
    elif initial in ("b", "p", "m", "f") and final == "o":
        final = "uo"
    sounds = FINALS.get(final)
    if sounds is None:
        return ()
    return (INITIALS[initial], *sounds) if initial else sounds


def chinese_sounds(signs: Sequence[str]) -> list[tuple[str, ...]]:
    """The sounds of each Chinese sign or digit of a text, in its context (银行, 行走); () for others.

    `signs` are single characters in order; marks among them keep words apart.
    """
    from pypinyin import Style, lazy_pinyin

    text = "".join(sign if len(sign) == 1 else " " for sign in signs)
    spelled = lazy_pinyin(text, style=Style.NORMAL, errors=lambda rest: list(rest))  # type: ignore[arg-type, return-value]
    found: list[tuple[str, ...]] = []
    for sign, syllable in zip(text, spelled, strict=True):
        found.append(
            ipa_of_pinyin(_DIGITS.get(sign, syllable) if syllable != sign or sign in _DIGITS else "")
        )
    return found
