"""Media on their way in and out, told by their bytes; data from words, every error by its path."""

from __future__ import annotations

import contextlib
import io
import struct
import wave
from pathlib import Path
from typing import Any, Literal

import orjson
import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from duanju.core.artifacts import Artifacts
from duanju.core.prices import Price
from duanju.core.structured import fit_into, read_json, without_thinking
from duanju.plugins.providers.calling.bills import count_of, numbers_in, priced
from duanju.plugins.providers.calling.media_in import Limits, picture_in
from duanju.plugins.providers.calling.media_out import (
    bytes_from_base64,
    bytes_from_hex,
    mp3_ms,
    picture_out,
    plain_wav,
    sound_out,
)
from duanju.plugins.providers.calling.pictures import BadMedia, picture_head, sniff
from duanju.plugins.providers.openai.images import size_for
from duanju.testing.vendor.media import png, streamed_wav, wav


def made(kind: str, width: int, height: int, **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "#884422").save(out, kind, **more)
    return out.getvalue()


PICTURES = [
    ("PNG", "image/png", {}),
    ("JPEG", "image/jpeg", {}),
    ("JPEG", "image/jpeg", {"progressive": True, "exif": b"Exif\x00\x00" + b"\x00" * 300}),
    ("WEBP", "image/webp", {}),
    ("WEBP", "image/webp", {"lossless": True}),
    ("GIF", "image/gif", {}),
]


@pytest.mark.parametrize(("kind", "media", "more"), PICTURES)
@pytest.mark.parametrize(("width", "height"), [(1, 1), (33, 47), (640, 360)])
def test_size_and_kind_are_those_of_the_decoder(
    kind: str, media: str, more: dict[str, Any], width: int, height: int
) -> None:
    data = made(kind, width, height, **more)
    head = picture_out(data)
    assert (head.media, head.width, head.height) == (media, width, height)


def test_an_extended_webp_has_the_size_of_its_canvas() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (70, 50), (1, 2, 3, 40)).save(out, "WEBP", exif=b"Exif\x00\x00" + b"\x00" * 20)
    assert out.getvalue()[12:16] == b"VP8X"
    assert (picture_head(out.getvalue()).width, picture_head(out.getvalue()).height) == (70, 50)


@pytest.mark.parametrize(("kind", "media", "more"), PICTURES[:5])
def test_a_picture_that_breaks_off_is_none(kind: str, media: str, more: dict[str, Any]) -> None:
    whole = made(kind, 640, 360, **more)
    for share in (0, 4, 20, len(whole) // 2):
        with pytest.raises(BadMedia):
            picture_out(whole[:share])


@given(st.binary(max_size=400))
def test_no_bytes_break_the_readers(data: bytes) -> None:
    sniff(data)
    heads = (b"", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBPVP8 ", b"\x89PNG\r\n\x1a\n", b"ID3", b"RIFF\0\0\0\0WAVE")
    for head in heads:
        for read in (picture_out, sound_out, mp3_ms, plain_wav):
            with contextlib.suppress(BadMedia):  # anything else fails the test
                read(head + data)


def test_a_reference_is_within_bounds_and_goes_out_as_what_it_is(tmp_path: Path) -> None:
    store = Artifacts(tmp_path)
    lying = store.put(png(40, 30), "image/jpg")
    found = picture_in(store, lying)
    assert (found.media, found.width, found.height, found.suffix) == ("image/png", 40, 30, "png")
    assert found.data_url == f"data:image/png;base64,{found.base64}"
    for limits in (Limits(most_bytes=10), Limits(least_side=31), Limits(most_side=39)):
        with pytest.raises(BadMedia):
            picture_in(store, lying, limits)
    with pytest.raises(BadMedia, match="allowed: image/webp"):
        picture_in(store, lying, Limits(kinds=frozenset({"image/webp"})))


def test_base64_and_hex_are_strict() -> None:
    assert bytes_from_base64("aGk=") == bytes_from_base64("data:audio/mp3;base64,aGk=") == b"hi"
    assert bytes_from_hex("6869") == b"hi"
    for bad in ("", None, 5, "a", "aGk", "aGk*", "6869" * 10):
        with pytest.raises(BadMedia):
            bytes_from_base64(bad, most=8)
    for bad in ("", None, "6", "zz"):
        with pytest.raises(BadMedia):
            bytes_from_hex(bad)


@pytest.mark.parametrize("make", [wav, streamed_wav])
@pytest.mark.parametrize("rate", [8000, 24_000, 44_100])
def test_a_wav_has_the_length_of_its_samples(make: Any, rate: int) -> None:
    data = make(730, "x", rate)
    whole, duration = plain_wav(data)
    assert duration == sound_out(data).duration_ms == 730
    with wave.open(io.BytesIO(whole)) as file:
        assert (file.getframerate(), file.getnframes()) == (rate, rate * 730 // 1000)


def test_a_wav_that_lies_about_its_length_is_none() -> None:
    whole = wav(500)
    with pytest.raises(BadMedia, match="of its"):
        sound_out(whole[: len(whole) // 2])
    with pytest.raises(BadMedia):
        sound_out(whole[:44])
    stereo = io.BytesIO()
    with wave.open(stereo, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\x01\x00" * 1600)
    with pytest.raises(BadMedia, match="2 channels"):
        plain_wav(stereo.getvalue())


def mp3(frames: int, version: int, kbps_at: int, rate_at: int) -> tuple[bytes, float]:
    """So many empty frames of layer III, and their seconds by the tables of ISO 11172-3 and 13818-3."""
    rates = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000)}
    kbps = {3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128), 2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80)}
    rate, samples = rates[version][rate_at], 1152 if version == 3 else 576
    length = samples // 8 * kbps[version][kbps_at] * 1000 // rate
    head = struct.pack(">I", 0xFFE00000 | version << 19 | 1 << 17 | 1 << 16 | kbps_at << 12 | rate_at << 10)
    return (head + b"\x00" * (length - 4)) * frames, frames * samples / rate


@given(st.integers(1, 30), st.sampled_from([2, 3]), st.integers(1, 9), st.integers(0, 2), st.booleans())
def test_an_mp3_is_as_long_as_its_frames(
    frames: int, version: int, kbps_at: int, rate_at: int, tagged: bool
) -> None:
    data, seconds = mp3(frames, version, kbps_at, rate_at)
    tag = b"ID3\x04\x00\x00\x00\x00\x01\x00" + b"\x00" * 128 if tagged else b""
    sound = sound_out(tag + data)
    assert (sound.media, sound.duration_ms) == ("audio/mpeg", round(seconds * 1000))


def test_an_mp3_that_breaks_off_is_none() -> None:
    data, _ = mp3(5, 3, 9, 0)
    with pytest.raises(BadMedia, match="frame 5"):
        mp3_ms(data[:-100])


# words as data ------------------------------------------------------------------------------------------


@frozen
class Shot:
    """A shot."""

    number: int
    action: str
    seconds: float = 2.0


@frozen
class Scene:
    """A scene."""

    place: str
    shots: tuple[Shot, ...]
    time: Literal["day", "night"] = "day"
    note: str | None = None


def test_every_error_is_named_by_its_path() -> None:
    fitted = fit_into(
        {
            "place": 5,
            "shots": [
                {"number": 1, "action": "a"},
                {"number": "2", "action": None, "x": 1},
                {"action": "c"},
                7,
            ],
            "time": "noon",
        },
        Scene,
    )
    assert fitted.value is None
    paths = {line.partition(":")[0] for line in fitted.errors}
    assert paths == {
        "place",
        "shots[1].number",
        "shots[1].action",
        "shots[1]",
        "shots[2].number",
        "shots[3]",
        "time",
    }
    assert "shots[2].number: is missing" in fitted.errors
    assert 'shots[1].number: must be a whole number, not "2"' in fitted.errors


@pytest.mark.parametrize("value", [[], "x", None, 5, {"place": "x", "shots": "abc"}, {"place": "x"}])
def test_what_has_another_shape_does_not_fit(value: Any) -> None:
    fitted = fit_into(value, Scene)
    assert fitted.value is None and fitted.errors


def test_what_fits_is_the_value() -> None:
    given = {"place": "x", "shots": [{"number": 1, "action": "a", "seconds": 3}], "note": None}
    assert fit_into(given, Scene).value == Scene("x", (Shot(1, "a", 3.0),))


@pytest.mark.parametrize(
    ("text", "value", "repaired"),
    [
        ('{"a": 1}', {"a": 1}, False),
        ('<think>{"a": 9}</think>{"a": 1}', {"a": 1}, False),
        ('cut off {"a": 9}</think>\n{"a": 1}', {"a": 1}, False),
        ('Here it is:\n```json\n{"a": 1}\n```\nDone.', {"a": 1}, False),
        ("{'a': 1,}", {"a": 1}, True),
        ('Sure! {"a": 1, b: [1, 2', {"a": 1, "b": [1, 2]}, True),
    ],
)
def test_json_is_found_and_mended(text: str, value: Any, repaired: bool) -> None:
    parsed = read_json(text)
    assert (parsed.value, parsed.found, parsed.repaired) == (value, True, repaired)
    cut = read_json(text, "length")
    assert not cut.found and "length" in cut.why


@pytest.mark.parametrize("text", ["", "no", '"words"', "17", "<think>{}", "[" * 100_000])
def test_what_holds_no_data_says_so(text: str) -> None:
    parsed = read_json(text)
    assert not parsed.found and parsed.why


@given(st.text(max_size=300))
def test_no_words_break_the_reader(text: str) -> None:
    parsed = read_json(text)
    if parsed.found:
        assert isinstance(orjson.loads(orjson.dumps(parsed.value)), dict | list)
    assert "<think>" not in without_thinking(f"<think>{text}</think>ok")


# bills --------------------------------------------------------------------------------------------------


def test_counts_are_whole_numbers_and_nothing_else() -> None:
    assert [count_of(n) for n in (0, 5, 5.0, 1 << 40)] == [0, 5, 5, 1 << 40]
    assert [count_of(n) for n in (True, -1, 1.5, "5", None, float("nan"), float("inf"), 1 << 80)] == [
        None
    ] * 8
    assert numbers_in({"a": 1, "b": {"c": 2, "d": {"e": 3}}, "f": "x", "g": None}) == {
        "a": 1,
        "b.c": 2,
        "b.d.e": 3,
    }


def test_a_part_without_a_price_is_priced_as_its_whole() -> None:
    price = Price("v:m", {"input_token": 2_000_000, "output_token": 8_000_000})
    assert priced({"input_token": 5, "cached_token": 3}, price) == {"input_token": 8}
    with pytest.raises(KeyError):
        price.cost(priced({"second": 3}, price))


@given(st.integers(128, 3840), st.integers(128, 3840))
def test_the_size_asked_for_is_one_that_is_taken(width: int, height: int) -> None:
    wide, tall = (int(n) for n in size_for("gpt-image-2", width, height).split("x"))
    assert wide % 16 == tall % 16 == 0 and wide * tall <= 2560 * 1440 * 1.03 and 1 / 3.3 <= wide / tall <= 3.3
    assert size_for("gpt-image-1", width, height) in ("1024x1024", "1536x1024", "1024x1536")
