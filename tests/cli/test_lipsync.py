"""`duanju lipsync`: the mouth of any recording, in every form, and what it says of what it cannot time."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import numpy as np
import pytest

from duanju.cli.main import main
from duanju.plugins.media.voice import Voices

TEXT = "妈妈，你别走。"


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("voice") / "line.wav"
    with Voices() as voices:
        speech = voices.speak(TEXT, "zh")
    save(path, speech.pcm, speech.sample_rate)
    return path


def save(path: Path, pcm: np.ndarray, rate: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm.astype("<i2").tobytes())


def test_a_recording_is_timed_for_a_person_and_for_a_script(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lipsync", str(recording), "--text", TEXT]) == 0
    shown = capsys.readouterr().out
    assert "5 words, estimated" in shown and "妈" in shown and "mouth: 0.00" in shown
    assert main(["lipsync", str(recording), "--text", TEXT, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["text"] for one in told["words"]] == list("妈妈你别走")
    assert told["how"] == "estimated" and told["visemes"][-1] == {
        "shape": "X",
        "start_ms": told["duration_ms"],
    }
    out = tmp_path / "line.tsv"
    assert main(["lipsync", str(recording), "--text", TEXT, "--format", "rhubarb-tsv", "-o", str(out)]) == 0
    rows = [line.split("\t") for line in out.read_text().splitlines()]
    assert rows[-1][1] == "X" and {"A", "D"} <= {shape for _, shape in rows}


def test_what_cannot_be_timed_is_told_without_a_traceback(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    silent, noise = tmp_path / "silent.wav", tmp_path / "noise.wav"
    save(silent, np.zeros(16_000, np.int16), 16_000)
    noise.write_bytes(b"RIFF no sound at all")
    wrong = [
        ([str(tmp_path / "gone.wav"), "--text", "Hello."], 2, "no such file"),
        ([str(recording), "--text", "  "], 2, "--text is empty"),
        ([str(recording), "--text", "a " * 2000], 2, "time it line by line"),
        ([str(recording), "--text", TEXT, "--language", "fr"], 2, "there are en and zh"),
        ([str(recording), "--text", TEXT, "--format", "srt"], 2, "there are: json"),
        ([str(silent), "--text", TEXT], 1, "no voice"),
        ([str(noise), "--text", TEXT], 1, "cannot hear noise.wav"),
    ]
    for words, code, said in wrong:
        assert main(["lipsync", *words]) == code
        told = capsys.readouterr()
        assert said in told.err and "Traceback" not in told.err and not told.out
