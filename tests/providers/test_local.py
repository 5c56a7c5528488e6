"""The provider `local` draws and speaks for nothing, the same every time, and says clearly what it cannot."""

from __future__ import annotations

import io
import json
import threading
import wave
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from duanju.core.artifacts import Artifacts
from duanju.core.desk import Call, Desk
from duanju.core.plugins import load_plugins
from duanju.core.prices import Price
from duanju.core.settings import Settings
from duanju.events.calls import CallFailed, ImageRequested, ImageReturned, SpeechRequested, SpeechReturned
from duanju.events.cast import Profile, Voice
from duanju.events.dialogue import Direction
from duanju.events.scenes import Figure, Picture
from duanju.plugins.providers.local import Local, speaking, wav_of

FACE = Profile(
    "female", 26, "oval", "#f3d0b4", "long", "#1b1518", "#3b2417", "slim", "qipao", "#a8324a", "#d9a441", ()
)
MEI = Figure("Xiao Mei", FACE, "centre", "camera", "tense", "stands", True)
PICTURE = Picture(
    "teahouse", True, "night", "clear", "MCU", "eye", (MEI,), True, ("cup",), "tense", "She waits."
)
PLAIN = Direction(100, 0, 100, "neutral")


def image(**more: Any) -> ImageRequested:
    return attrs.evolve(ImageRequested(1, "S01-01", "shot", 1, 270, 480, PICTURE), **more)


def speech(text: str = "Is it done?", language: str = "en", **more: Any) -> SpeechRequested:
    asked = SpeechRequested(1, "L001", "line", 1, text, language, Voice("female", 0, 55, 100), PLAIN)
    return attrs.evolve(asked, **more)


def desk_for(folder: Path, model: str) -> Desk:
    price = Price(f"local:{model}", {}, "this machine", "2026-01-01")
    call = Call(1, 2, f"local:{model}", "key", 0, price)
    return Desk("key", Artifacts(folder / "artifacts"), Settings(), folder / "out", 1e12, call)


@pytest.fixture(scope="module")
def local() -> Iterator[Local]:
    provider = Local("local", {})
    yield provider
    provider.close()


def test_a_picture_is_drawn_with_its_rig_and_costs_nothing(local: Local, tmp_path: Path) -> None:
    desk = desk_for(tmp_path, "painter")
    (done,) = local.on_image_requested(image(), desk)
    assert isinstance(done, ImageReturned) and done.rig is not None
    assert (done.width, done.height) == (312, 552)  # 1.15 of the frame, up to multiples of 4
    assert (done.bill.cost, done.bill.billing, done.bill.price, done.bill.latency_ms) == (
        0, "free", "local:painter@2026-01-01", 0,
    )  # fmt: skip
    assert desk.artifacts.read(done.image).startswith(b"\x89PNG")
    with zipfile.ZipFile(io.BytesIO(desk.artifacts.read(done.rig))) as rig:
        manifest = json.loads(rig.read("manifest.json"))
    assert [one["character"] for one in manifest["figures"]] == ["Xiao Mei"]
    (again,) = Local("local", {}).on_image_requested(image(), desk)
    assert again == done


def test_an_absurd_size_fails_clearly(local: Local, tmp_path: Path) -> None:
    (failed,) = local.on_image_requested(image(width=8), desk_for(tmp_path, "painter"))
    assert isinstance(failed, CallFailed) and "S01-01" in failed.why and "8" in failed.why


@pytest.mark.parametrize(("text", "language"), [("Is it done?", "en"), ("东西办妥了吗？", "zh")])
def test_a_line_is_spoken_with_timed_sounds(local: Local, tmp_path: Path, text: str, language: str) -> None:
    desk = desk_for(tmp_path, "espeak")
    (done,) = local.on_speech_requested(speech(text, language), desk)
    assert isinstance(done, SpeechReturned)
    with wave.open(io.BytesIO(desk.artifacts.read(done.audio))) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        assert abs(file.getnframes() * 1000 / file.getframerate() - done.duration_ms) <= 1
    starts = [one.start_ms for one in done.phonemes]
    assert len(starts) > 5 and starts == sorted(starts) and starts[-1] <= done.duration_ms
    assert (done.bill.cost, done.bill.usage) == (0, {"character": len(text)})
    local.close()  # a new voice process says the same
    (again,) = local.on_speech_requested(speech(text, language), desk)
    assert again == done


def test_the_direction_is_heard(local: Local, tmp_path: Path) -> None:
    import numpy as np

    desk = desk_for(tmp_path, "espeak")

    def said(direction: Direction, **more: Any) -> tuple[int, float]:
        (done,) = local.on_speech_requested(speech(direction=direction, **more), desk)
        assert isinstance(done, SpeechReturned)
        with wave.open(io.BytesIO(desk.artifacts.read(done.audio))) as file:
            pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)
        return done.duration_ms, float(np.sqrt(np.mean(pcm**2)))

    length, loud = said(PLAIN)
    assert said(Direction(70, 0, 100, "slow"))[0] > 1.2 * length
    assert said(Direction(100, 0, 60, "whisper"))[1] < 0.7 * loud
    assert said(Direction(100, 0, 125, "shout"))[1] > 1.1 * loud
    assert said(PLAIN, voice=Voice("male", 0, 40, 100)) != (length, loud)


def test_what_cannot_be_spoken_fails_clearly(local: Local, tmp_path: Path) -> None:
    for text in ("", "a" * 2001):
        (failed,) = local.on_speech_requested(speech(text), desk_for(tmp_path, "espeak"))
        assert isinstance(failed, CallFailed) and failed.fallback and "L001" in failed.why


def test_another_model_is_refused_by_name(local: Local, tmp_path: Path) -> None:
    (no_picture,) = local.on_image_requested(image(), desk_for(tmp_path, "espeak"))
    (no_line,) = local.on_speech_requested(speech(), desk_for(tmp_path, "hifi"))
    assert isinstance(no_picture, CallFailed) and isinstance(no_line, CallFailed)
    assert no_picture.fallback and "local:espeak" in no_picture.why and "painter" in no_picture.why
    assert "local:hifi" in no_line.why and "espeak" in no_line.why


def test_many_threads_share_one_voice(local: Local, tmp_path: Path) -> None:
    desk = desk_for(tmp_path, "espeak")
    texts = [f"This is line {number}." for number in range(6)]
    wanted = [next(iter(local.on_speech_requested(speech(text), desk))) for text in texts]
    got: dict[int, Any] = {}

    def speak(number: int) -> None:
        got[number] = next(iter(local.on_speech_requested(speech(texts[number]), desk)))

    threads = [threading.Thread(target=speak, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [got[number] for number in range(6)] == wanted


def test_any_voice_and_direction_fit_the_engine() -> None:
    for voice in (Voice("neutral", 7, 400, 900), Voice("female", -3, -50, 1), Voice("?", 10**9, 50, 100)):
        for direction in (Direction(140, 20, 130, ""), Direction(1, -99, 1, ""), Direction(999, 99, 999, "")):
            found = speaking(voice, direction)
            assert found["gender"] in ("female", "male") and 0 <= found["timbre"] <= 10_000
            assert 0 <= found["pitch"] <= 99 and 50 <= found["rate_percent"] <= 200
            assert 1 <= found["volume_percent"] <= 100


def test_wav_bytes_are_known() -> None:
    assert wav_of(b"\x01\x00\xff\x7f", 22050) == (
        b"RIFF\x28\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x22\x56\x00\x00\x44\xac\x00\x00"
        b"\x02\x00\x10\x00data\x04\x00\x00\x00\x01\x00\xff\x7f"
    )


def test_it_loads_as_a_provider_with_free_prices_under_any_name() -> None:
    plugins = load_plugins(only="studio", extra={"studio": Local("studio", {})})
    assert plugins.failures == {}
    hook = plugins.provider_hook("image_requested", "studio")
    assert hook is not None and hook.effect is not None and hook.effect.lane == "draw"
    assert hook.emits == {ImageReturned, CallFailed}
    for route in ("studio:painter", "studio:espeak"):
        price = plugins.prices.of(route, "2026-02-01")
        assert price is not None and price.cost({"image": 3}) == 0 and price.source
    with pytest.raises(ValueError, match=r"providers\.mine.*colour"):
        Local("mine", {"colour": "red"})
