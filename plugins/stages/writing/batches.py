"""Parts of what is too long for one question: ranges of numbered entries, cut where nothing is torn."""

from __future__ import annotations

from collections.abc import Collection, Sequence

__all__ = ["halves", "ranges"]


def ranges(
    sizes: Sequence[int], cuts: Collection[int], most: int, entries: int = 10**9
) -> tuple[tuple[int, int], ...]:
    """Ranges (first, last), numbered from 1, whose sizes add up to at most `most` each, of at most `entries`.

    They end only at `cuts` (a cut 3 parts entry 3 from entry 4); one without a cut inside may be larger.
    """
    found: list[tuple[int, int]] = []
    first, filled, last_cut = 1, 0, 0
    for number, size in enumerate(sizes, 1):
        filled += size
        if (filled > most or number - first >= entries) and last_cut >= first:
            found.append((first, last_cut))
            first = last_cut + 1
            filled = sum(sizes[first - 1 : number])
        if number in cuts:
            last_cut = number
    found.append((first, len(sizes)))
    return tuple(found)


def halves(first: int, last: int, cuts: Collection[int]) -> tuple[tuple[int, int], ...]:
    """A range in two, cut nearest to its middle; () where it cannot be cut."""
    middle = (first + last - 1) / 2
    inside = [cut for cut in cuts if first <= cut < last]
    if not inside:
        return ()
    cut = min(inside, key=lambda one: (abs(one - middle), one))
    return (first, cut), (cut + 1, last)
