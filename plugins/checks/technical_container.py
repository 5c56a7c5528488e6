"""technical.container: the file is what players and platforms take, read from the file alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...core.hooks import effect, hookimpl
from ...events.cut import EpisodeCut
from ...events.quality import CheckMeasured, Evidence
from .tools import ffmpeg
from .verdict import film_of, report, unreadable

if TYPE_CHECKING:
    from ...core.desk import Desk
    from ...core.settings import Delivery
    from ..media.probe import Container, Picture, Sound

__all__ = ["CHECK", "on_episode_cut", "violations"]

decisions = 1
CHECK = "technical.container"
_APART_MS = 100.0
_RATE_WITHIN = 0.001


@hookimpl
@effect(lane="measure", doubt="repeat", reuse=True)
def on_episode_cut(event: EpisodeCut, desk: Desk) -> Iterator[CheckMeasured]:
    """Counts where the file departs from the delivery's H.264 and AAC profile; any departure fails."""
    from ..media.errors import MediaError
    from ..media.probe import probe

    film, tool = film_of(event, desk), ffmpeg("probe")
    try:
        found = probe(film)
    except MediaError as error:
        yield unreadable(event, CHECK, "violations", error, tool)
        return
    wrong = violations(found, desk.settings.delivery)
    if wrong:
        more = f", and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        why = "; ".join(wrong[:3]) + more
    else:
        delivery = desk.settings.delivery
        why = (
            f"H.264 {delivery.width}x{delivery.height} at {delivery.fps} fps, bt709, AAC 48 kHz stereo, "
            "index first, no decode errors"
        )
    yield report(
        event,
        CHECK,
        "failed" if wrong else "passed",
        value=float(len(wrong)),
        limit=0.0,
        unit="violations",
        why=why,
        tool=tool,
        evidence=[Evidence(0.0, 0.0, one) for one in wrong],
        repair="encode and join the film again" if wrong else "",
    )


def violations(found: Container, delivery: Delivery) -> list[str]:
    """What departs from the profile, one text each: what it is, and what was asked for."""
    wrong: list[str] = []
    if found.picture is None:
        wrong.append("there is no picture")
    else:
        wrong.extend(_picture(found.picture, delivery))
    if found.sound is None:
        wrong.append("there is no sound")
    else:
        wrong.extend(_sound(found.sound))
    if found.picture is not None and found.sound is not None:
        apart = abs(
            (found.picture.start_ms + found.picture.duration_ms)
            - (found.sound.start_ms + found.sound.duration_ms)
        )
        if apart > _APART_MS:
            wrong.append(f"picture and sound end {apart / 1000:.2f} s apart, at most 0.10 s is allowed")
        late = abs(found.picture.start_ms - found.sound.start_ms)
        if late > _APART_MS:
            wrong.append(f"picture and sound start {late / 1000:.2f} s apart, at most 0.10 s is allowed")
    if not found.faststart:
        wrong.append("the index (moov) lies behind the media: no player can start before all is loaded")
    wrong.extend(f"decoding: {one}" for one in found.decode_errors)
    return wrong


def _picture(found: Picture, delivery: Delivery) -> list[str]:
    wrong: list[str] = []

    def must(name: str, have: object, want: object) -> None:
        if have != want:
            wrong.append(f"{name} is {have}, {want} is asked")

    must("the picture's codec", found.codec, "h264")
    must("the pixel format", found.pix_fmt, "yuv420p")
    must("the size", f"{found.width}x{found.height}", f"{delivery.width}x{delivery.height}")
    must("the pixel's shape", f"{found.sample_aspect.numerator}:{found.sample_aspect.denominator}", "1:1")
    if found.fps is None or abs(float(found.fps) / delivery.fps - 1) > _RATE_WITHIN:
        rate = "unknown" if found.fps is None else f"{float(found.fps):.3f} fps"
        wrong.append(f"the frame rate is {rate}, {delivery.fps} fps is asked")
    if not found.constant_rate:
        wrong.append("the frame rate is not constant")
    must("the tag of the colour primaries", found.primaries, "bt709")
    must("the tag of the transfer curve", found.transfer, "bt709")
    must("the tag of the colour matrix", found.matrix, "bt709")
    must("the tag of the range", found.range, "tv")
    return wrong


def _sound(found: Sound) -> list[str]:
    wrong: list[str] = []
    if found.codec != "aac":
        wrong.append(f"the sound's codec is {found.codec}, aac is asked")
    if found.sample_rate != 48_000:
        wrong.append(f"the sample rate is {found.sample_rate} Hz, 48000 Hz is asked")
    if found.channels != 2:
        wrong.append(f"the sound has {found.channels} channels, 2 are asked")
    return wrong
