"""Finds faces in photographs and tells people apart by them, where the extra `qa` brought dlib."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import MissingPart
from .planes import U8

__all__ = ["Face", "Finder", "finder", "missing", "nearest"]

_MODELS = "face_recognition_models"
_LANDMARKS = "shape_predictor_5_face_landmarks.dat"
_VECTORS = "dlib_face_recognition_resnet_model_v1.dat"
_LEAST = 40  # a face that is narrower than this, in pixels of the enlarged picture, has no sure vector


@dataclass(frozen=True, eq=False)
class Face:
    """A face: x, y, width, height in pixels, and 128 numbers that lie near for one person.

    Under 0.6 two photographs show one person, by dlib's authors; strangers lie from 0.65 up.
    """

    box: tuple[float, float, float, float]
    vector: npt.NDArray[np.float64]


def missing() -> MissingPart | None:
    """What is missing to tell photographed faces apart, and how to get it."""
    if find_spec("dlib") is None or _folder() is None:
        what = "faces in photographs are told apart by dlib, which is not installed"
        return MissingPart(what, "pip install 'duanju[qa]'")
    return None


def _folder() -> Path | None:
    """Where the model files lie; their package is not imported, since it needs an old setuptools."""
    spec = find_spec(_MODELS)
    for place in (spec.submodule_search_locations or []) if spec is not None else []:
        folder = Path(place) / "models"
        if (folder / _LANDMARKS).is_file() and (folder / _VECTORS).is_file():
            return folder
    return None


class Finder:
    """dlib's detector and its vectors. Raises MissingPart where they are not installed."""

    def __init__(self) -> None:
        folder, absent = _folder(), missing()
        if absent is not None or folder is None:
            raise absent or MissingPart("dlib's models are gone", "pip install 'duanju[qa]'")
        import dlib

        self._detect: Any = dlib.get_frontal_face_detector()
        self._place: Any = dlib.shape_predictor(str(folder / _LANDMARKS))
        self._tell: Any = dlib.face_recognition_model_v1(str(folder / _VECTORS))

    def faces(self, pixels: U8) -> list[Face]:
        """The faces in an RGB picture, from left to right; it is looked at twice as large."""
        picture = np.ascontiguousarray(pixels)
        found = []
        for box in self._detect(picture, 1):
            if 2 * box.width() < _LEAST:
                continue
            vector = np.array(self._tell.compute_face_descriptor(picture, self._place(picture, box)))
            found.append(Face((box.left(), box.top(), box.width(), box.height()), vector))
        return sorted(found, key=lambda face: face.box)


@lru_cache(maxsize=1)
def finder() -> Finder:
    """The one finder of this process: its models take 30 MB. Raises MissingPart."""
    return Finder()


def nearest(face: Face, known: Sequence[Face]) -> float:
    """The distance to the nearest of some faces of one person."""
    return min(float(np.linalg.norm(face.vector - one.vector)) for one in known)
