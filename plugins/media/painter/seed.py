"""Reproducible choices: every free decision of the painter is a function of sha256 over named text."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

T = TypeVar("T")


@lru_cache(maxsize=4096)
def unit(*keys: str) -> float:
    """A number in [0, 1) that depends on the keys only, in any process and on any machine."""
    # NUL parts the keys, so ("ab", "c") and ("a", "bc") differ; lone surrogates are data, not an error.
    raw = "\0".join(keys).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(raw).digest()[:6], "big") / float(1 << 48)


def between(low: float, high: float, *keys: str) -> float:
    """A number in [low, high) chosen by the keys."""
    return low + (high - low) * unit(*keys)


def choose(options: Sequence[T], *keys: str) -> T:
    """One of the options, chosen by the keys; options must not be empty."""
    return options[int(unit(*keys) * len(options))]
