"""The promise of every reader in one place: each source line is in an element, unmapped, or blank."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from ....events.script import Unmapped
from .model import Reading
from .widths import trim

__all__ = ["covered"]


def covered(reading: Reading, lines: Sequence[str]) -> Reading:
    """The reading, with each line that nothing holds among the unmapped ones; these as they stand. Linear."""
    held = bytearray(len(lines) + 1)
    for one in reading.elements:
        held[one.first : one.last + 1] = b"\1" * (min(one.last, len(lines)) + 1 - one.first)
    lost = {one.number for one in reading.unmapped}
    lost |= {number for number, line in enumerate(lines, 1) if not held[number] and trim(line)}
    return evolve(reading, unmapped=tuple(Unmapped(number, lines[number - 1]) for number in sorted(lost)))
