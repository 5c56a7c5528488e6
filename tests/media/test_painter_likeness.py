"""The same person stays the same person: measured on pixels over shots, sizes, light, turns and feelings."""

import io
import itertools
import json
import zipfile

import numpy as np
import pytest
from PIL import Image

from duanju.plugins.media.painter import Profile, paint
from duanju.plugins.media.painter.likeness import descriptor, distance, face_descriptor, lab

CAST = {
    "林小雨": {
        "gender": "female",
        "age": 26,
        "face": "oval",
        "hair_style": "long",
        "skin": "#f3d0b4",
        "hair_colour": "#2b1d18",
        "clothes": "qipao",
    },
    "Chen Hao": {
        "gender": "male",
        "age": 34,
        "face": "square",
        "hair_style": "side-part",
        "skin": "#d9a87c",
        "hair_colour": "#14161d",
        "clothes": "suit",
    },
    "Old Master": {
        "gender": "male",
        "age": 70,
        "face": "long",
        "hair_style": "bald",
        "skin": "#c68a5c",
        "hair_colour": "#c9c6c0",
        "marks": ["beard", "glasses"],
    },
    "Mei": {
        "gender": "female",
        "age": 22,
        "face": "round",
        "hair_style": "bob",
        "skin": "#f6d9c4",
        "hair_colour": "#4a2f20",
        "clothes": "sweater",
    },
}
SHOTS = [
    ("teahouse", True, "CU", "night", "neutral", "camera"),
    ("office", True, "MCU", "day", "happy", "left"),
    ("street", False, "MS", "night", "angry", "right"),
    ("courtyard", False, "MCU", "dusk", "sad", "camera"),
    ("hospital", True, "CU", "dawn", "tense", "left"),
]


def shots_of(name: str) -> list[np.ndarray]:
    out = []
    for place, interior, size, time, expression, facing in SHOTS:
        figure = {"character": name, "profile": CAST[name], "expression": expression, "facing": facing}
        plate = paint(
            {"place": place, "interior": interior, "size": size, "time": time, "figures": [figure]}, 405, 720
        )
        with zipfile.ZipFile(io.BytesIO(plate.rig)) as archive:
            box = json.loads(archive.read("manifest.json"))["figures"][0]["face"]
        out.append(face_descriptor(np.asarray(Image.open(io.BytesIO(plate.png))), tuple(box)))
    return out


def test_nearest_strangers_differ_by_more_than_twice_ones_own_spread() -> None:
    seen = {name: shots_of(name) for name in CAST}
    within = max(distance(a, b) for v in seen.values() for a, b in itertools.combinations(v, 2))
    between = min(
        distance(a, b) for p, q in itertools.combinations(CAST, 2) for a in seen[p] for b in seen[q]
    )
    assert between > 2 * within, f"nearest strangers {between:.3f}, one's own spread {within:.3f}"


@pytest.mark.parametrize("change", [{"hair_style": "bun"}, {"skin": "#b57a4c"}, {"hair_colour": "#d9b26a"}])
def test_a_changed_face_is_seen(change: dict[str, str]) -> None:
    base = CAST["Mei"]
    own = descriptor(Profile.read(base, "Mei"), "Mei")
    assert distance(own, descriptor(Profile.read(base, "Mei"), "Mei")) == 0
    assert distance(own, descriptor(Profile.read({**base, **change}, "Mei"), "Mei")) > 0.3


def test_lab_knows_its_anchors() -> None:
    # White, black and sRGB red under D65 (values as in common conversion tables).
    values = lab(np.array([[255, 255, 255], [0, 0, 0], [255, 0, 0]], dtype=np.uint8))
    assert np.allclose(values[0], [100, 0, 0], atol=0.05)
    assert np.allclose(values[1], [0, 0, 0], atol=0.05)
    assert np.allclose(values[2], [53.24, 80.09, 67.20], atol=0.1)


def test_a_box_without_pixels_is_refused() -> None:
    with pytest.raises(ValueError, match="too few pixels"):
        face_descriptor(np.zeros((20, 20, 3), dtype=np.uint8), (18, 18, 40, 40))
