"""The rig: patches for every mouth shape and a blink that agree with the plate outside the lips."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Sequence

import attrs
import numpy as np
from PIL import Image

from .mouth import SHAPES
from .raster import png

Box = tuple[int, int, int, int]
FORMAT = 1


@attrs.frozen
class Moving:
    """One visible face on the plate: boxes in pixels; None where there is nothing to move."""

    character: str
    place: int  # in painting order
    face: Box
    mouth: Box | None
    eyes: Box | None


def even_box(x0: float, y0: float, x1: float, y1: float, width: int, height: int) -> Box | None:
    """The smallest even box (x, y, w, h) round the corners, inside the plate; None if nothing is left."""
    left, top = max(0, int(x0) // 2 * 2), max(0, int(y0) // 2 * 2)
    right, bottom = min(width, -(-int(x1 + 1) // 2) * 2), min(height, -(-int(y1 + 1) // 2) * 2)
    if right - left < 4 or bottom - top < 4:
        return None
    return left, top, right - left, bottom - top


def build(
    plate: Image.Image,
    frame: tuple[int, int],
    faces: Sequence[Moving],
    draw: Callable[[int, str, bool, bool, Box], Image.Image],
    lay: Callable[[Image.Image, Box], Image.Image],
) -> bytes:
    """The zip of manifest and patches.

    `draw(place, mouth, closed, eyes, box)` draws the mouth or the eyes at `place` in a state, RGBA, cropped
    to the box; `lay(figures, box)` puts them over the set as the plate was made. Pixels that do not change
    between the states are the plate's own.
    """
    files: dict[str, bytes] = {}
    entries: list[dict[str, object]] = []

    def patch(
        name: str, place: int, box: Box, rest: np.ndarray, mouth: str, closed: bool, eyes: bool
    ) -> None:
        own = plate.crop((box[0], box[1], box[0] + box[2], box[1] + box[3]))
        if mouth == "X" and not closed:
            files[name] = png(own)  # as it is on the plate
            return
        figures = draw(place, mouth, closed, eyes, box)
        changed = (np.asarray(figures) != rest).any(axis=-1)
        own.paste(lay(figures, box), (0, 0), Image.fromarray(changed.astype(np.uint8) * 255, "L"))
        files[name] = png(own)

    for k, face in enumerate(faces):
        entry: dict[str, object] = {"character": face.character, "face": list(face.face)}
        if face.mouth is not None:
            rest = np.asarray(draw(face.place, "X", False, False, face.mouth))
            shapes = {}
            for shape in SHAPES:
                name = f"f{k}/{shape}.png"
                patch(name, face.place, face.mouth, rest, shape, False, False)
                shapes[shape] = name
            entry["mouth"] = {"box": list(face.mouth), "shapes": shapes}
        if face.eyes is not None:
            rest = np.asarray(draw(face.place, "X", False, True, face.eyes))
            patch(f"f{k}/blink.png", face.place, face.eyes, rest, "X", True, True)
            entry["eyes"] = {"box": list(face.eyes), "closed": f"f{k}/blink.png"}
        entries.append(entry)
    manifest = {
        "format": FORMAT,
        "width": plate.width,
        "height": plate.height,
        "frame": list(frame),
        "figures": entries,
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        body = json.dumps(manifest, ensure_ascii=True, separators=(",", ":"), sort_keys=True).encode("ascii")
        for name, data in (("manifest.json", body), *files.items()):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system = 3  # the same bytes whatever system wrote them
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)
    return out.getvalue()
