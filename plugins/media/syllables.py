"""Lays the syllables of a line over its loudness: an estimate where no aligner knows the language."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

__all__ = ["MOST_SYLLABLES", "syllables_over_energy"]

F64 = npt.NDArray[np.float64]
_HOP_MS = 10
_QUIET_DB = 20.0  # below the loud parts: no voice
_PAUSE_MS = 120  # a longer quiet is a pause between syllables, a shorter one a stop's closure
_SHORTEST, _LONGEST = 6, 60  # frames a syllable lasts: 60 to 600 ms
_BAND = 250  # frames that a boundary may lie from where even syllables would put it
_RATE_WEIGHT = 0.1  # of a syllable's length against the depth of the valleys
MOST_SYLLABLES = 2_000


def syllables_over_energy(
    pcm: npt.NDArray[np.int16], rate: int, weights: Sequence[float]
) -> list[tuple[int, int]]:
    """(start_ms, end_ms) of each syllable, one for each of `weights` (its usual relative length), in order.

    Boundaries are put by dynamic programming where the voice is softest, with lengths near the weights';
    a pause lies between syllables, never inside one. [] for a sound without a voice, without syllables, or
    with more of them than fit.
    """
    loud = _loudness(pcm, rate)
    count = len(weights)
    if loud.size == 0 or not 0 < count <= MOST_SYLLABLES:
        return []
    voiced = _voiced(loud)
    where = np.flatnonzero(voiced)  # the voiced frames: the axis on which syllables are laid
    if where.size < count:
        return []
    level = loud[where]
    cost = level - level.min()
    cost = cost / max(float(np.percentile(cost, 90)), 1e-9)
    after_pause = np.flatnonzero(np.diff(where) > 1) + 1
    cost[after_pause] = -1.0  # a boundary at a pause is sure
    edges = _edges(cost, np.asarray(weights, np.float64))
    if edges is None:
        share = np.concatenate([[0.0], np.cumsum(weights)]) / float(np.sum(weights))
        edges = np.round(share * where.size).astype(int)
    return [
        (int(where[first]) * _HOP_MS, (int(where[last - 1]) + 1) * _HOP_MS) for first, last in pairwise(edges)
    ]


def _loudness(pcm: npt.NDArray[np.int16], rate: int) -> F64:
    """dB per 10 ms, smoothed over 30 ms."""
    hop = max(1, rate * _HOP_MS // 1000)
    frames = pcm.size // hop
    if frames == 0:
        return np.zeros(0)
    cut = pcm[: frames * hop].astype(np.float64).reshape(frames, hop)
    power = np.convolve(np.mean(cut**2, axis=1), np.ones(3) / 3, "same")
    return np.asarray(10 * np.log10(power + 1.0), np.float64)


def _voiced(loud: F64) -> npt.NDArray[np.bool_]:
    """Which frames belong to the voice: quiet ones that last longer than a closure do not."""
    top = float(np.percentile(loud, 95))
    if top < 20:  # under -70 dBFS: nothing is said
        return np.zeros(loud.size, np.bool_)
    voiced = loud > top - _QUIET_DB
    edges = np.flatnonzero(np.diff(np.concatenate([[1], voiced.astype(int), [1]])))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        inside = start > 0 and end < loud.size
        if inside and (end - start) * _HOP_MS < _PAUSE_MS:
            voiced[start:end] = True
    return voiced


def _edges(cost: F64, weights: F64) -> npt.NDArray[np.int_] | None:
    """The boundaries of the best division, len(weights) + 1 of them; None where none keeps the bounds."""
    frames, count = cost.size, weights.size
    usual = weights * (frames / weights.sum())
    even = np.concatenate([[0.0], np.cumsum(usual)])
    size = 2 * _BAND + 1
    best = np.full(size, np.inf)
    low = -_BAND  # the frame that place 0 of the band stands for
    best[_BAND] = 0.0
    back = np.zeros((count, size), np.int16)
    lengths = np.arange(_SHORTEST, min(_LONGEST, frames) + 1)
    if lengths.size == 0:
        return None
    for n in range(count):
        stretch = _RATE_WEIGHT * np.log(lengths / max(usual[n], 1.0)) ** 2 * 4
        here = round(float(even[n + 1])) - _BAND
        at = here + np.arange(size)  # frames where this syllable may end
        before = at[:, None] - lengths[None, :] - low
        inside = (before >= 0) & (before < size)
        totals = np.where(inside, best[np.clip(before, 0, size - 1)] + stretch[None, :], np.inf)
        chosen = totals.argmin(axis=1)
        ends = totals[np.arange(size), chosen]
        valid = (at > 0) & (at <= frames)
        own = cost[np.clip(at, 0, frames - 1)]
        own = np.where(at >= frames, 0.0, own)
        best = np.where(valid, ends + own, np.inf)
        back[n] = lengths[chosen]
        low = here
    place = frames - low
    if not 0 <= place < size or not np.isfinite(best[place]):
        return None
    edges = [frames]
    for n in range(count - 1, -1, -1):
        first = round(float(even[n + 1])) - _BAND
        edges.append(edges[-1] - int(back[n][edges[-1] - first]))
    return np.asarray(edges[::-1])
