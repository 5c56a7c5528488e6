"""What a person brings as the outcome of a doubted call: told by its bytes, and whole."""

from __future__ import annotations

import io
import wave
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from duanju.core import delivered as module
from duanju.core.artifacts import Artifacts
from duanju.core.delivered import bill_of, delivered, submitted
from duanju.core.errors import WrongUse
from duanju.events.calls import Bill, CallAdmitted

REQUEST = SimpleNamespace(revision=2, subject="S01-01", take=3)


def admitted(capability: str) -> CallAdmitted:
    return CallAdmitted(7, "v:m", "", "", 9, 9, "", "k", "2026-01-01", 1, capability, "shot", "S01-01")


def picture(form: str, size: tuple[int, int] = (31, 17)) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(out, form)
    return out.getvalue()


def sound(frames: int = 800, rate: int = 8_000) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"\1\2" * frames)
    return out.getvalue()


def box(kind: bytes, body: bytes = b"") -> bytes:
    return (8 + len(body)).to_bytes(4, "big") + kind + body


FILM = box(b"ftyp", b"isom\0\0\0\0") + box(b"moov", b"x" * 40) + box(b"mdat", b"y" * 90)
GOOD: dict[str, bytes] = {
    "image": picture("PNG"),
    "speech": sound(),
    "video": FILM,
    "lipsync": FILM,
    "chat": "\ufeff你好, world".encode(),
}


def bring(root: Path, capability: str, data: bytes) -> Any:
    file = root / "brought"
    file.write_bytes(data)
    return delivered(REQUEST, admitted(capability), file, Bill(5, "billed"), Artifacts(root / "store"))


@pytest.mark.parametrize("capability", sorted(GOOD))
def test_a_whole_answer_has_its_address_its_bill_and_its_bytes(tmp_path: Path, capability: str) -> None:
    event = bring(tmp_path, capability, GOOD[capability])
    assert (event.request, event.route, event.revision, event.subject, event.take) == (
        7,
        "v:m",
        2,
        "S01-01",
        3,
    )
    assert event.bill == Bill(5, "billed") and event.reused_from is None
    if capability == "chat":
        assert event.text == "你好, world"
        return
    artifact = {"image": "image", "speech": "audio"}.get(capability, "clip")
    stored = getattr(event, artifact)
    assert Artifacts(tmp_path / "store").read(stored) == GOOD[capability]
    media = {"image": "image/png", "speech": "audio/wav"}.get(capability, "video/mp4")
    assert stored.media == media
    if capability == "image":
        assert (event.width, event.height) == (31, 17)
    if capability == "speech":
        assert event.duration_ms == 100


def test_a_jpeg_is_one_too_and_another_picture_is_not(tmp_path: Path) -> None:
    assert bring(tmp_path, "image", picture("JPEG")).image.media == "image/jpeg"
    for form in ("GIF", "BMP", "TIFF"):
        with pytest.raises(WrongUse, match="PNG or JPEG"):
            bring(tmp_path, "image", picture(form))


@pytest.mark.parametrize("capability", ["image", "speech", "video"])
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_what_was_cut_short_is_refused(tmp_path: Path, capability: str, data: st.DataObject) -> None:
    whole = GOOD[capability]
    kept = data.draw(st.integers(0, len(whole) - 13))  # the last bytes of a PNG say nothing of its picture
    with pytest.raises(WrongUse):
        bring(tmp_path, capability, whole[:kept])


@pytest.mark.parametrize("capability", ["image", "speech", "video", "lipsync"])
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.binary(max_size=200))
def test_garbage_is_refused_in_words(tmp_path: Path, capability: str, data: bytes) -> None:
    heads = {
        "image": b"\x89PNG\r\n\x1a\n",
        "speech": b"RIFF\xff\xff\xff\xffWAVEfmt ",
        "video": b"\0\0\0\x08ftyp",
    }
    for head in (b"", heads.get(capability, b"\0\0\0\x01ftyp")):
        with pytest.raises(WrongUse):
            bring(tmp_path, capability, head + data)


@pytest.mark.parametrize(
    ("capability", "data", "why"),
    [
        ("video", box(b"ftyp", b"isom") + box(b"mdat", b"x"), "holds no whole film"),
        ("video", FILM[:-1], "not whole"),
        ("video", FILM + (0).to_bytes(4, "big") + b"free", ""),
        ("video", FILM + (1).to_bytes(4, "big") + b"free" + (16).to_bytes(8, "big"), ""),
        ("video", FILM + (1).to_bytes(4, "big") + b"free" + (2**62).to_bytes(8, "big"), "not whole"),
        ("video", FILM + (7).to_bytes(4, "big") + b"free", "not whole"),
        ("chat", b"\xff\xfe", "UTF-8"),
        ("chat", b" \n", "no words"),
        ("chat", b"a\0b", "no words"),
        ("dance", b"x", "cannot be brought"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, capability: str, data: bytes, why: str) -> None:
    if not why:
        assert bring(tmp_path, capability, data).clip.size == len(data)
        return
    with pytest.raises(WrongUse, match=why):
        bring(tmp_path, capability, data)


def test_a_file_over_its_bound_and_a_picture_of_giant_size_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(module._MOST, "chat", 10)
    assert bring(tmp_path, "chat", b"a" * 10).text == "a" * 10
    with pytest.raises(WrongUse, match="over 0 MiB"):
        bring(tmp_path, "chat", b"a" * 11)
    with pytest.raises(WrongUse, match="too large a picture"):
        bring(tmp_path, "image", picture("PNG", (16_385, 1)))


def test_a_job_is_for_a_clip_and_is_one_line() -> None:
    event = submitted(REQUEST, admitted("video"), " job-77 ")
    assert (event.job, event.request, event.take, event.bill) == ("job-77", 7, 3, Bill())
    for job in ("", " ", "a\nb", "x" * 501, "\x1b[2J"):
        with pytest.raises(WrongUse, match="--job"):
            submitted(REQUEST, admitted("video"), job)
    with pytest.raises(WrongUse, match="asked for speech"):
        submitted(REQUEST, admitted("speech"), "j")


def test_without_a_bill_the_ceiling_is_booked_and_never_nothing() -> None:
    assert bill_of(None, 900) == Bill(900, "unknown") and bill_of(None, None) == Bill(None, "unknown")
    assert bill_of(None, 0) == Bill(0, "free"), "what can cost nothing at most costs nothing"
    assert bill_of(0, 900) == Bill(0, "billed") and bill_of(5, None) == Bill(5, "billed")
