"""What `paint` promises: sizes, equal bytes, patches that fit, faces apart, and no harm from any text."""

import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from duanju.plugins.media.painter import PaintError, Picture, Plate, Profile, paint, plate_size
from duanju.plugins.media.painter.light import light_for
from duanju.plugins.media.painter.mouth import SHAPES
from duanju.plugins.media.painter.pen import Pen
from duanju.plugins.media.painter.sets import draw_set, set_for

LIN: dict[str, Any] = {
    "character": "林小雨",
    "profile": {"gender": "female", "age": 26, "hair_style": "long", "clothes": "qipao", "skin": "#f3d0b4"},
    "position": "left",
    "facing": "right",
    "speaking": True,
}
CHEN: dict[str, Any] = {
    "character": "Chen Hao",
    "profile": {"gender": "male", "age": 34, "hair_style": "side-part", "clothes": "suit", "skin": "#d39b6e"},
    "position": "right",
    "facing": "left",
}
TWO = {"place": "茶馆", "interior": True, "time": "night", "size": "TWO", "figures": [LIN, CHEN]}


def plate_pixels(plate: Plate) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(plate.png)))


def open_rig(plate: Plate) -> tuple[dict[str, Any], zipfile.ZipFile]:
    archive = zipfile.ZipFile(io.BytesIO(plate.rig))
    return json.loads(archive.read("manifest.json")), archive


def patch(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(archive.read(name))))


def cut(pixels: np.ndarray, box: list[int]) -> np.ndarray:
    x, y, w, h = box
    return pixels[y : y + h, x : x + w]


@pytest.fixture(scope="module")
def two() -> Plate:
    return paint(TWO, 270, 480)


@given(st.integers(64, 4096), st.integers(64, 4096))
def test_the_plate_is_a_seventh_larger_in_multiples_of_four(width: int, height: int) -> None:
    for side, full in zip((width, height), plate_size(width, height), strict=True):
        assert full % 4 == 0
        assert full * 100 >= side * 115
        assert (full - 4) * 100 < side * 115


def test_the_plate_is_an_opaque_rgb_picture_of_its_size(two: Plate) -> None:
    image = Image.open(io.BytesIO(two.png))
    assert image.mode == "RGB"
    assert image.size == (two.width, two.height) == plate_size(270, 480)
    assert len(np.unique(np.asarray(image).reshape(-1, 3), axis=0)) > 2000


def test_the_manifest_names_frame_and_figures(two: Plate) -> None:
    manifest, archive = open_rig(two)
    assert (manifest["format"], manifest["frame"]) == (1, [270, 480])
    assert (manifest["width"], manifest["height"]) == (two.width, two.height)
    assert {f["character"] for f in manifest["figures"]} == {"林小雨", "Chen Hao"}
    for figure in manifest["figures"]:
        assert sorted(figure["mouth"]["shapes"]) == sorted(SHAPES)
        for box in (figure["face"], figure["mouth"]["box"], figure["eyes"]["box"]):
            assert all(v % 2 == 0 and v >= 0 for v in box)
            assert box[0] + box[2] <= two.width and box[1] + box[3] <= two.height
    assert all(info.date_time == (1980, 1, 1, 0, 0, 0) for info in archive.infolist())


@pytest.mark.parametrize(
    "change",
    [{}, {"angle": "dutch", "time": "day"}, {"place": "street", "interior": False, "weather": "rain"}],
)
def test_patches_agree_with_the_plate_outside_the_lips(change: Mapping[str, object]) -> None:
    plate = paint({**TWO, **change}, 270, 480)
    pixels = plate_pixels(plate)
    manifest, archive = open_rig(plate)
    assert len(manifest["figures"]) == 2
    for figure in manifest["figures"]:
        mouth = figure["mouth"]
        own = cut(pixels, mouth["box"])
        assert np.array_equal(patch(archive, mouth["shapes"]["X"]), own)
        for shape in SHAPES:
            other = patch(archive, mouth["shapes"][shape])
            assert other.shape == own.shape
            changed = (other != own).any(axis=-1)
            assert not changed[[0, -1]].any() and not changed[:, [0, -1]].any()  # the box holds every shape
            assert changed.any() == (shape != "X")
        blink = patch(archive, figure["eyes"]["closed"])
        eyes = cut(pixels, figure["eyes"]["box"])
        changed = (blink != eyes).any(axis=-1)
        assert changed.any()
        assert not changed[[0, -1]].any() and not changed[:, [0, -1]].any()


@pytest.mark.parametrize(
    "who",
    [
        LIN,
        {**CHEN, "expression": "sad"},
        {**CHEN, "expression": "happy"},
        {**LIN, "expression": "angry", "facing": "camera"},
    ],
)
def test_mouths_open_in_rhubarbs_order(who: dict[str, Any]) -> None:
    _, archive = open_rig(paint({"place": "office", "size": "CU", "figures": [who]}, 405, 720))
    dark: dict[str, int] = {}
    for shape in SHAPES:
        pixels = patch(archive, f"f0/{shape}.png").astype(int)
        # The inside of a mouth is far darker than skin or lips, and red.
        dark[shape] = int(((pixels.max(axis=-1) < 78) & (pixels[..., 0] > pixels[..., 1] * 1.5)).sum())
    assert dark["X"] == dark["A"]  # a strand of dark hair may hang into the box, the mouth itself is shut
    dark = {shape: count - dark["X"] for shape, count in dark.items()}
    assert min(dark[s] for s in "BGF") > 0
    assert max(dark[s] for s in "BGF") < min(dark[s] for s in "CEH")
    assert max(dark[s] for s in "CEH") < dark["D"]


def test_equal_input_gives_equal_bytes_in_another_process(two: Plate) -> None:
    again = paint(TWO, 270, 480)
    assert (again.png, again.rig) == (two.png, two.rig)
    code = (
        "import sys, json, hashlib; from duanju.plugins.media.painter import paint;"
        "p = paint(json.loads(sys.argv[1]), 270, 480); print(hashlib.sha256(p.png + p.rig).hexdigest())"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, json.dumps(TWO)],
        env={**os.environ, "PYTHONHASHSEED": "4711"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == hashlib.sha256(two.png + two.rig).hexdigest()


@pytest.mark.parametrize("size", ["INSERT", "EWS"])
def test_no_mouth_where_no_face_is_to_be_seen(size: str) -> None:
    manifest, _ = open_rig(paint({**TWO, "size": size, "objects": ["package"]}, 270, 480))
    assert all("mouth" not in f for f in manifest["figures"])


def test_a_figure_seen_from_behind_has_no_entry() -> None:
    manifest, _ = open_rig(
        paint({**TWO, "size": "MS", "figures": [LIN, {**CHEN, "facing": "away"}]}, 270, 480)
    )
    assert [f["character"] for f in manifest["figures"]] == ["林小雨"]


def test_over_the_shoulder_shows_the_speaker_and_the_listeners_back() -> None:
    manifest, _ = open_rig(paint({**TWO, "size": "OTS"}, 270, 480))
    assert [f["character"] for f in manifest["figures"]] == ["林小雨"]


@pytest.mark.parametrize(("width", "height"), [(270, 480), (480, 270)])
@pytest.mark.parametrize("size", ["WS", "MS", "CU"])
@pytest.mark.parametrize("count", [1, 2, 4])
def test_faces_lie_apart_and_inside_the_frame(width: int, height: int, size: str, count: int) -> None:
    spots = ("left", "centre-left", "centre-right", "right")
    cast = [{"character": f"c{k}", "position": spots[k], "facing": "camera"} for k in range(count)]
    plate = paint({"place": "home", "size": size, "figures": cast}, width, height)
    boxes = [f["face"] for f in open_rig(plate)[0]["figures"]]
    assert len(boxes) == count
    left, top = (plate.width - width) / 2, (plate.height - height) / 2
    for i, (x, y, w, h) in enumerate(boxes):
        assert left - 2 <= x and x + w <= left + width + 2
        assert top - 2 <= y and y + h <= top + height + 2
        for ox, _, ow, _ in boxes[i + 1 :]:
            assert x + w <= ox + 4 or ox + ow <= x + 4  # the boxes have room round the face itself
    middle = [b[0] for b in boxes]
    order = [f["character"] for f in open_rig(plate)[0]["figures"]]
    assert [n for _, n in sorted(zip(middle, order, strict=True))] == [c["character"] for c in cast]


def test_closer_sizes_show_a_larger_face() -> None:
    heights = []
    for size in ("WS", "FS", "MS", "MCU", "CU", "ECU"):
        manifest, _ = open_rig(paint({"place": "home", "size": size, "figures": [CHEN]}, 270, 480))
        heights.append(manifest["figures"][0]["face"][3])
    assert heights == sorted(set(heights))


@pytest.mark.parametrize("side", [0, -5, 63, 4097, 10**9])
def test_absurd_sizes_are_refused_with_their_limits(side: int) -> None:
    with pytest.raises(PaintError, match="64 to 4096"):
        paint(TWO, side, 480)
    with pytest.raises(PaintError, match="height"):
        paint(TWO, 270, side)


@pytest.mark.parametrize("bad", [None, 3, "teahouse", [TWO], {"figures": "Lin"}, {"figures": [3]}])
def test_what_is_no_description_is_refused(bad: Any) -> None:
    with pytest.raises(PaintError):
        paint(bad, 270, 480)


HOSTILE = [
    '"/></svg><script>',
    "&amp;]]>",
    "\x00\x1b[31m",
    "url(#l0)",
    "\ud800",
    "{}%s",
    "🙂" * 3000,
    "茶馆' or 1=1 --",
    "../../etc",
]


def test_hostile_text_breaks_nothing() -> None:
    figures = [
        {"character": h, "profile": {"hair_style": h, "skin": h, "marks": [h], "age": h}, "pose": h}
        for h in HOSTILE[:4]
    ]
    plate = paint(
        {
            "place": HOSTILE[0],
            "time": HOSTILE[1],
            "size": "MS",
            "mood": HOSTILE[2],
            "objects": HOSTILE,
            "figures": figures,
        },
        96,
        96,
    )
    assert Image.open(io.BytesIO(plate.png)).size == plate_size(96, 96)
    named = {f["character"] for f in open_rig(plate)[0]["figures"]}
    assert named == set(HOSTILE[:4])


WORD = st.one_of(
    st.sampled_from([*HOSTILE, "teahouse", "night", "sits", "ECU", "away"]),
    st.text(max_size=12),
    st.integers(),
    st.none(),
)
PROFILE = st.fixed_dictionaries(
    dict.fromkeys(
        ("gender", "age", "face", "skin", "hair_style", "hair_colour", "eyes", "build", "clothes", "marks"),
        WORD,
    )
)
FIGURE = st.fixed_dictionaries(
    {
        "character": WORD,
        "profile": st.one_of(WORD, PROFILE),
        "position": WORD,
        "facing": WORD,
        "expression": WORD,
        "pose": WORD,
    }
)


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.fixed_dictionaries(
        dict.fromkeys(("place", "interior", "time", "weather", "size", "angle", "mood", "action"), WORD)
    ),
    st.lists(FIGURE, max_size=8),
    st.lists(WORD, max_size=3),
)
def test_any_words_give_a_picture(words: dict[str, Any], figures: list[Any], objects: list[Any]) -> None:
    plate = paint({**words, "figures": figures, "objects": objects}, 64, 80)
    assert Image.open(io.BytesIO(plate.png)).size == plate_size(64, 80)
    assert len(open_rig(plate)[0]["figures"]) <= 6


@given(
    st.fixed_dictionaries(dict.fromkeys(("gender", "face", "hair_style", "clothes", "skin", "marks"), WORD)),
    st.text(max_size=8),
)
@settings(max_examples=60, deadline=None)
def test_reading_a_profile_is_settled_by_one_reading(data: dict[str, Any], name: str) -> None:
    once = Profile.read(data, name)
    assert Profile.read(once, name) == once


@pytest.mark.parametrize(
    ("key", "told", "read"),
    [
        ("time", "夜", "night"),
        ("time", "黄昏", "dusk"),
        ("time", "晨", "dawn"),
        ("time", "日", "day"),
        ("time", "LATE NIGHT", "night"),
        ("time", "?", "day"),
        ("size", "close-up", "CU"),
        ("size", "extreme close-up", "ECU"),
        ("size", "特写", "CU"),
        ("size", "over the shoulder", "OTS"),
        ("size", "medium shot", "MS"),
        ("weather", "暴雨", "rain"),
        ("weather", "heavy snow", "snow"),
        ("angle", "low angle", "low"),
    ],
)
def test_words_of_scripts_are_understood(key: str, told: str, read: str) -> None:
    assert getattr(Picture.read({key: told}), key) == read


@pytest.mark.parametrize(
    ("place", "interior", "name"),
    [
        ("The Golden Teahouse", True, "teahouse"),
        ("茶馆", True, "teahouse"),
        ("总裁办公室", True, "office"),
        ("医院走廊", True, "hospital"),
        ("四合院", False, "courtyard"),
        ("back alley", False, "alley"),
        ("长安街", False, "street"),
        ("hospital", False, "courtyard"),
        ("Planet Zorb", True, "room"),
        ("Planet Zorb", False, "open"),
        ("Chen's living room", True, "home"),
        ("码头", False, "dock"),
    ],
)
def test_places_find_their_sets(place: str, interior: bool, name: str) -> None:
    assert set_for(place, interior).name == name


def _set_svg(place: str, time: str) -> str:
    pen = Pen()
    draw_set(pen, place, True, light_for(place, True, time, "clear"))
    return str(pen.svg((0, 0, 1, 1), 8, 8))


def test_a_place_keeps_its_layout_and_another_has_its_own() -> None:
    assert _set_svg("Lin's home", "night") == _set_svg("Lin's home", "night")
    assert _set_svg("Lin's home", "night") != _set_svg("Chen's home", "night")
    assert _set_svg("Lin's home", "night") != _set_svg("Lin's home", "day")


@pytest.mark.parametrize(
    ("place", "interior"), [("teahouse", True), ("street", False), ("courtyard", False), ("hospital", True)]
)
def test_night_is_darker_than_day(place: str, interior: bool) -> None:
    told = {"place": place, "interior": interior, "size": "WS"}
    day, night = (plate_pixels(paint({**told, "time": t}, 96, 160)).mean() for t in ("day", "night"))
    assert night < day * 0.9


@pytest.mark.parametrize(("place", "interior"), [("courtyard", False), ("office", True), ("study", True)])
def test_a_crowd_stands_behind_and_leaves_the_faces_alone(place: str, interior: bool) -> None:
    told = {"place": place, "interior": interior, "size": "MS", "figures": [CHEN]}
    alone, crowd = (paint({**told, "crowd": c}, 270, 480) for c in (False, True))
    changed = (plate_pixels(alone) != plate_pixels(crowd)).any(axis=-1)
    assert changed.mean() > 0.01
    x, y, w, h = open_rig(alone)[0]["figures"][0]["face"]
    assert not changed[y + h // 4 : y + h * 3 // 4, x + w // 3 : x + w * 2 // 3].any()


def test_an_empty_place_has_no_extras() -> None:
    told = {"interior": True, "size": "WS", "figures": [], "crowd": True}
    empty = plate_pixels(paint({**told, "place": "empty teahouse"}, 96, 160))
    assert (plate_pixels(paint({**told, "place": "teahouse"}, 96, 160)) != empty).any()
    assert not set_for("empty teahouse", True, True).crowded and set_for("office", True, True).crowded
