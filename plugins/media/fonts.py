"""Where the fonts lie: Inter for Latin text, Noto Sans SC for everything that has a Chinese sign in it."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path


class FontError(RuntimeError):
    """A font package is missing or has lost its font file."""


def _inside(package: str, distribution: str, pattern: str) -> Path:
    """The one font file of an installed package, found without running that package's code."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise FontError(
            f"no font: the package {distribution} is not installed; run: pip install {distribution}"
        )
    root = Path(next(iter(spec.submodule_search_locations)))
    found = sorted(p for p in root.rglob(pattern) if p.is_file())
    if not found:
        raise FontError(
            f"{distribution} has no {pattern} under {root}; "
            f"reinstall it: pip install --force-reinstall {distribution}"
        )
    return found[0]


@lru_cache(maxsize=1)
def latin() -> Path:
    """Inter, upright, variable weight (OFL)."""
    return _inside("fontpkg_inter", "fontpkg-inter", "Inter[[]*.ttf")


@lru_cache(maxsize=1)
def chinese() -> Path:
    """Noto Sans SC Regular (OFL); it has Latin letters too, so it can set mixed lines."""
    return _inside("pylopdf_fonts_zh_cn", "pylopdf-fonts-zh-cn", "NotoSansSC-Regular.otf")


def is_cjk(char: str) -> bool:
    """Whether Inter lacks this sign because it is Chinese, Japanese, full-width or CJK punctuation."""
    code = ord(char)
    return (
        0x2E80 <= code <= 0x9FFF  # radicals, CJK punctuation, kana, bopomofo, unified ideographs
        or 0xF900 <= code <= 0xFAFF  # compatibility ideographs
        or 0xFE30 <= code <= 0xFE4F  # vertical forms
        or 0xFF00 <= code <= 0xFFEF  # full-width and half-width forms
        or 0x20000 <= code <= 0x323AF  # extensions B to H
        or 0xAC00 <= code <= 0xD7AF  # Hangul syllables
    )


def font_for(text: str) -> Path:
    """The font file that can set the whole text: Noto Sans SC if any sign is CJK, else Inter."""
    return chinese() if any(is_cjk(char) for char in text) else latin()
