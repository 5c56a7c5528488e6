"""A rendered shot has its frames, its colours, its mouths at the right moments, and the same bytes every
time."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from duanju.plugins.media.animate import KINDS, Move, render_segment
from duanju.plugins.media.camera import Camera, blinks
from duanju.plugins.media.errors import FilmError, MediaError, PictureError
from duanju.plugins.media.frames import iter_frames
from duanju.plugins.media.probe import probe
from duanju.plugins.media.rig import MAX_ENTRY, read_rig
from duanju.plugins.media.subtitles import Cue
from duanju.plugins.media.visemes import mouth_cues
from duanju.plugins.media.voice import Voices

W, H, FPS = 270, 480, 25
PLATE_W, PLATE_H = 312, 552
MOUTH, EYES = [120, 280, 72, 60], [100, 200, 112, 30]
OPEN = {"X": 0, "A": 0, "B": 6, "C": 14, "D": 24, "E": 16, "F": 8, "G": 6, "H": 12}


def draw_plate(shape: str = "X", closed: bool = False) -> Image.Image:
    picture = Image.new("RGB", (PLATE_W, PLATE_H), (90, 110, 150))
    pen = ImageDraw.Draw(picture)
    for row in range(0, PLATE_H, 14):
        pen.line((0, row, PLATE_W, row + 60), fill=(60, 60 + row % 90, 120), width=3)
    pen.ellipse((76, 130, 236, 370), fill=(230, 190, 160))
    for x in (128, 184):
        pen.rectangle((x - 14, 208, x + 14, 222), fill=(60, 30, 30) if not closed else (228, 186, 158))
    pen.ellipse((132, 308 - OPEN[shape], 180, 312 + OPEN[shape]), fill=(30, 5, 10))
    return picture


def png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def cut(picture: Image.Image, box: list[int]) -> bytes:
    return png(picture.crop((box[0], box[1], box[0] + box[2], box[1] + box[3])))


def pack(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    return out.getvalue()


def rig_files() -> dict[str, bytes]:
    figure = {
        "character": "Lin",
        "face": [76, 130, 160, 240],
        "mouth": {"box": MOUTH, "shapes": {s: f"f0/{s}.png" for s in OPEN}},
        "eyes": {"box": EYES, "closed": "f0/blink.png"},
    }
    manifest = {"format": 1, "width": PLATE_W, "height": PLATE_H, "frame": [W, H], "figures": [figure]}
    files = {
        "manifest.json": json.dumps(manifest).encode(),
        "f0/blink.png": cut(draw_plate(closed=True), EYES),
    }
    return files | {f"f0/{s}.png": cut(draw_plate(s), MOUTH) for s in OPEN}


PLATE, RIG = png(draw_plate()), pack(rig_files())


def render(out: Path, plate: bytes = PLATE, rig: bytes | None = RIG, **given: object) -> Path:
    settings: dict[str, object] = {
        "width": W, "height": H, "fps": FPS, "frames": 25, "move": Move("still", 0.5), "mouths": {},
        "seed": "shot 1", "preset": "ultrafast",
    } | given  # fmt: skip
    render_segment(out, plate, rig, **settings)  # type: ignore[arg-type]
    return out


def gray(path: Path) -> list[np.ndarray]:
    return [f.pixels.astype(int) for f in iter_frames(path, colour="gray")]


def dark_area(frame: np.ndarray) -> int:
    """Dark pixels where the mouth is, whatever the camera's small drift."""
    y, x = MOUTH[1] - (PLATE_H - H) // 2, MOUTH[0] - (PLATE_W - W) // 2
    return int((frame[y : y + MOUTH[3], x : x + MOUTH[2]] < 60).sum())


def test_mouths_show_on_the_right_frames(tmp_path: Path) -> None:
    cues = [(0, "X"), (200, "D"), (400, "A"), (480, "C"), (800, "X")]
    frames = gray(render(tmp_path / "a.mp4", mouths={"Lin": cues, "offscreen": [(0, "D")]}))
    areas = [dark_area(f) for f in frames]
    assert len(frames) == 25
    still = max(areas[:5])
    assert min(areas[5:10]) > 5 * still  # D from 200 ms = frame 5
    assert max(areas[10:12]) < 1.5 * still  # A from 400 ms = frame 10
    assert all(2 * still < a < min(areas[5:10]) for a in areas[12:20])  # C from 480 ms = frame 12
    assert max(areas[20:]) < 1.5 * still


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("My mother never came home that night, and nobody asked me why.", "en"),
        ("妈妈那天晚上没有回家，可是没有人问我为什么。", "zh"),
    ],
)
def test_the_mouth_opens_with_the_voice(tmp_path: Path, text: str, language: str) -> None:
    with Voices() as voices:
        speech = voices.speak(text, language)  # type: ignore[arg-type]
    cues = mouth_cues(speech.phonemes, speech.duration_ms)
    hop = 22050 * 40 // 1000
    count = speech.pcm.size // hop
    areas = np.array(
        [dark_area(f) for f in gray(render(tmp_path / "a.mp4", frames=count, mouths={"Lin": cues}))]
    )
    loud = np.abs(speech.pcm[: count * hop].astype(float)).reshape(-1, hop).mean(axis=1)
    match = {d: np.corrcoef(areas[5 + d : len(areas) - 5 + d], loud[5:-5])[0, 1] for d in range(-3, 4)}
    assert max(match, key=match.__getitem__) in (-1, 0)  # with the sound, or one frame before it
    assert match[0] > 0.2


def test_eyes_blink_when_planned_and_only_then(tmp_path: Path) -> None:
    planned = blinks("shot 1", "Lin", 4000)
    assert planned and planned == blinks("shot 1", "Lin", 4000) and planned != blinks("shot 2", "Lin", 4000)
    frames = gray(render(tmp_path / "a.mp4", frames=100))
    y, x = EYES[1] - (PLATE_H - H) // 2, EYES[0] - (PLATE_W - W) // 2
    for index, frame in enumerate(frames):
        closed = any(start <= index * 40 < end for start, end in planned)
        assert ((frame[y : y + EYES[3], x : x + EYES[2]] < 90).sum() < 100) == closed, index


def test_the_same_shot_is_the_same_bytes_also_in_a_fresh_process(tmp_path: Path) -> None:
    first = render(tmp_path / "a.mp4", frames=8, cues=[Cue(0, 200, "你好")]).read_bytes()
    assert render(tmp_path / "b.mp4", frames=8, cues=[Cue(0, 200, "你好")]).read_bytes() == first
    (tmp_path / "plate.png").write_bytes(PLATE)
    (tmp_path / "rig.zip").write_bytes(RIG)
    code = (
        "import sys; from pathlib import Path; from duanju.plugins.media.animate import *;"
        "from duanju.plugins.media.subtitles import Cue; d = Path(sys.argv[1]);"
        "render_segment(d / 'c.mp4', (d / 'plate.png').read_bytes(), (d / 'rig.zip').read_bytes(),"
        f"width={W}, height={H}, fps={FPS}, frames=8, move=Move('still', 0.5), mouths={{}}, seed='shot 1',"
        "cues=[Cue(0, 200, '你好')], preset='ultrafast')"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, timeout=120)
    digests = {hashlib.sha256((tmp_path / n).read_bytes()).hexdigest() for n in ("a.mp4", "b.mp4", "c.mp4")}
    assert len(digests) == 1
    assert render(tmp_path / "d.mp4", frames=8, seed="shot 2").read_bytes() != first


@pytest.mark.parametrize(
    "colour", [(200, 40, 40), (30, 160, 60), (40, 60, 210), (255, 255, 255), (0, 0, 0), (230, 190, 160)]
)
def test_colours_come_back_through_bt709(tmp_path: Path, colour: tuple[int, int, int]) -> None:
    flat = png(Image.new("RGB", (PLATE_W, PLATE_H), colour))
    path = render(tmp_path / "a.mp4", plate=flat, rig=None, frames=2, crf=10)
    picture = probe(path).picture
    assert picture is not None
    assert (picture.primaries, picture.transfer, picture.matrix, picture.range) == (
        "bt709",
        "bt709",
        "bt709",
        "tv",
    )
    assert picture.pix_fmt == "yuv420p" and picture.constant_rate
    pixels = next(iter_frames(path)).pixels
    assert np.abs(pixels.astype(int) - np.array(colour)).max() <= 4


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_freezes_and_the_camera_goes_where_it_should(tmp_path: Path, kind: str) -> None:
    frames = gray(render(tmp_path / "a.mp4", frames=50, move=Move(kind, 1.0), preset="veryfast"))  # type: ignore[arg-type]
    blocks = [
        np.abs(b - a)[: H // 16 * 16, : W // 16 * 16]
        .reshape(H // 16, 16, W // 16, 16)
        .mean(axis=(1, 3))
        .max()
        for a, b in itertools.pairwise(frames)
    ]
    assert np.mean(np.array(blocks) < 0.25) < 0.1  # freezedetect's -60 dB is 0.25 of 255
    camera = Camera(Move(kind, 1.0), (PLATE_W, PLATE_H), (W, H), 50, FPS, "shot 1")  # type: ignore[arg-type]
    first, last = camera.view(0), camera.view(49)
    change = {
        "push-in": last.scale < first.scale - 0.1, "pull-out": last.scale > first.scale + 0.1,
        "pan-left": last.x < first.x - 20, "pan-right": last.x > first.x + 20,
        "tilt-up": last.y < first.y - 30, "tilt-down": last.y > first.y + 30,
        "still": abs(last.x - first.x) < 6 and abs(last.scale - first.scale) < 0.03,
    }  # fmt: skip
    assert change[kind]


def test_a_plate_of_the_frames_own_size_can_still_be_filmed(tmp_path: Path) -> None:
    plate = png(draw_plate().crop((20, 30, 20 + W, 30 + H)))
    assert (
        len(gray(render(tmp_path / "a.mp4", plate=plate, rig=None, frames=5, move=Move("pull-out", 1.0))))
        == 5
    )


def test_subtitles_show_in_their_time_and_do_not_move(tmp_path: Path) -> None:
    path = render(tmp_path / "a.mp4", cues=[Cue(200, 600, "你好，世界。")], move=Move("push-in", 1.0), crf=12)
    whites = [np.argwhere(f > 225) for f in gray(path)]
    assert all(w.size == 0 for w in whites[:5] + whites[15:])
    shown = whites[5:15]
    assert all(len(w) > 50 for w in shown)
    assert max(np.abs(w.mean(axis=0) - shown[0].mean(axis=0)).max() for w in shown) < 0.6


def bad_rig(change: dict[str, object] | None = None, **files: bytes | None) -> bytes:
    entries: dict[str, bytes] = rig_files()
    if change is not None:
        entries["manifest.json"] = json.dumps(json.loads(entries["manifest.json"]) | change).encode()
    for name, data in files.items():
        name = name.replace("__", "/").replace("_dot_", ".")
        if data is None:
            del entries[name]
        else:
            entries[name] = data
    return pack(entries)


@pytest.mark.parametrize(
    "rig",
    [
        b"not a zip",
        RIG[: len(RIG) // 2],
        pack({}),
        bad_rig({"format": 2}),
        bad_rig({"width": 300}),
        bad_rig({"figures": "no"}),
        bad_rig(
            {"figures": [{"character": "Lin", "mouth": {"box": [1, 2, 4, 4], "shapes": {"X": "f0/X.png"}}}]}
        ),
        bad_rig(
            {
                "figures": [
                    {"character": "Lin", "mouth": {"box": [300, 280, 72, 60], "shapes": {"X": "f0/X.png"}}}
                ]
            }
        ),
        bad_rig(
            {"figures": [{"character": "Lin", "mouth": {"box": [0, 0, 4, 4], "shapes": {"X": "f0/X.png"}}}]}
        ),
        bad_rig(
            {"figures": [{"character": "Lin", "mouth": {"box": MOUTH, "shapes": {"X": "../../etc/passwd"}}}]}
        ),
        bad_rig(f0__D_dot_png=None),
        bad_rig(f0__D_dot_png=b"GIF89a"),
        bad_rig(f0__D_dot_png=b"\x89PNG\r\n\x1a\n" + b"\x00" * 40),
        bad_rig(f0__D_dot_png=b"\x00" * (MAX_ENTRY + 2)),
        bad_rig(manifest_dot_json=b"[" * 100_000),
    ],
)
def test_a_broken_rig_is_refused(rig: bytes) -> None:
    with pytest.raises(PictureError):
        read_rig(rig, PLATE_W, PLATE_H)


@pytest.mark.parametrize(
    ("plate", "given"),
    [
        (b"", {}),
        (b"GIF89a", {}),
        (PLATE[:200], {}),
        (png(Image.new("RGB", (100, 100))), {"rig": None}),
        (PLATE, {"width": 271}),
        (PLATE, {"frames": 0}),
        (PLATE, {"fps": 0}),
        (PLATE, {"preset": "turbo"}),
        (PLATE, {"crf": 99}),
        (PLATE, {"mouths": {"Lin": [(0, "Q")]}}),
        (PLATE, {"mouths": {"Lin": [(100, "A"), (0, "B")]}}),
        (PLATE, {"cues": [Cue(0, 100, "")]}),
    ],
)
def test_a_shot_that_cannot_be_rendered_leaves_no_file(
    tmp_path: Path, plate: bytes, given: dict[str, object]
) -> None:
    with pytest.raises(MediaError):
        render(tmp_path / "a.mp4", plate=plate, **given)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_place_is_a_film_error(tmp_path: Path) -> None:
    with pytest.raises(FilmError):
        render(tmp_path / "absent" / "a.mp4", frames=1)


@pytest.mark.parametrize(("kind", "amount"), [("zoom", 0.5), ("still", 1.5), ("still", float("nan"))])
def test_impossible_moves_are_refused(kind: str, amount: float) -> None:
    with pytest.raises(PictureError):
        Move(kind, amount)  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(RIG) - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_a_damaged_rig_is_read_or_refused(changes: list[tuple[int, int]]) -> None:
    data = bytearray(RIG)
    for at, value in changes:
        data[at] = value
    try:
        rig = read_rig(bytes(data), PLATE_W, PLATE_H)
    except PictureError:
        return
    assert all(patch.shape == (MOUTH[3], MOUTH[2], 3) for f in rig.figures for patch in f.mouths.values())
