"""The film is planned when every scene is assembled, and what is made of the plan measures as promised."""

from __future__ import annotations

import io
import wave
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest

from duanju.core.artifacts import Artifacts
from duanju.core.desk import Desk
from duanju.core.settings import Delivery, Settings
from duanju.events.artifact import Artifact
from duanju.events.cut import CutLine, CutRequested, CutSegment, CutSubtitle, RoomTone
from duanju.events.episode import EpisodeOpened, EpisodeRevised, PartClosed, PartOpened
from duanju.events.scenes import Move, PlacedLine, SceneAssembled, ShotRendered, Subtitle, TakeChosen
from duanju.events.script import SceneParsed, ScriptParsed, ShotListSettled, ShotPlanned
from duanju.plugins.media.errors import SoundError
from duanju.plugins.media.film import join
from duanju.plugins.media.loudness import measure
from duanju.plugins.media.soundtrack import Spoken, Tone, finish, read_wav, soundtrack
from duanju.plugins.media.subtitles import read_srt
from duanju.plugins.stages import cut, scenes
from duanju.testing.fold import fold

SMALL = Settings(delivery=Delivery("web-vertical", 128, 228, preset="ultrafast"))
NONE = Artifact("0" * 64, 0, "application/octet-stream")
OPENED = EpisodeOpened("tea", "teahouse", "Tea at Night", "t.fountain", NONE, "fountain", NONE, NONE)
PARSED = ScriptParsed(1, "Tea at Night", "en", "fountain", 2, 3, 9, (), (), ())


def art(name: str) -> Artifact:
    return Artifact(name.encode().hex().ljust(64, "0")[:64], len(name), "application/octet-stream")


def scene(name: str, number: int, **more: Any) -> SceneParsed:
    given = SceneParsed(1, name, number, 2, "", "teahouse", True, "night", "en", 1, 2, (), ())
    return attrs.evolve(given, **more)


def plan(name: str, number: int, of: int, **more: Any) -> ShotPlanned:
    given = ShotPlanned(
        1, name, f"{name}-{number:02d}", number, of, "teahouse", True, "night", "clear", "MS", "eye", "still",
        (), False, "", (), "", (), "tts", 2000, 1, 2,
    )  # fmt: skip
    return attrs.evolve(given, **more)


def take(one: ShotPlanned, frames: int, *lines: str, version: str = "") -> TakeChosen:
    placed = tuple(
        PlacedLine(name, "Xiao Mei", f"Words of {name}.", 300 + 1000 * n, 700, art(name))
        for n, name in enumerate(lines)
    )
    titles = tuple(Subtitle(one.start_ms, one.start_ms + 900, one.text, one.line) for one in placed)
    return TakeChosen(
        1, one.scene, one.shot, 1, f"{one.shot} {frames} {version}", 128, 228, 25, frames, art("plate"), None,
        Move("still", 0.0), (), titles, "ultrafast", placed,
    )  # fmt: skip


def rendered(one: TakeChosen) -> ShotRendered:
    return ShotRendered(1, one.scene, one.shot, 1, art(f"film {one.shot} {one.inputs}"), one.frames)


INSIDE = [plan("S01", 1, 2), plan("S01", 2, 2)]
OUTSIDE = [plan("S02", 1, 1, place="alley", interior=False, weather="rain")]
TAKES = [take(INSIDE[0], 55, "L001", "L002"), take(INSIDE[1], 31), take(OUTSIDE[0], 60, "L003")]
# The second scene's plan and film come first: the order of the film is the story's, not the log's.
BASE: list[Any] = [
    OPENED, PARSED, scene("S02", 2), scene("S01", 1), *OUTSIDE, *INSIDE, ShotListSettled(1, "list", 3, 3, 0),
]  # fmt: skip


def run(*given: Any) -> list[CutRequested]:
    """Carries the events as the engine does, with the scenes stage's answers; returns the cuts asked for."""
    log: list[Any] = []
    asked: dict[tuple[int, str], CutRequested] = {}
    once: set[tuple[int, str]] = set()
    waiting = list(given)
    while waiting:
        event = waiting.pop(0)
        log.append(event)
        episode = fold(log, settings=SMALL)
        if isinstance(event, ShotRendered):
            for whole in scenes.on_shot_rendered(event, episode):
                if (whole.revision, whole.inputs) not in once:
                    once.add((whole.revision, whole.inputs))
                    waiting.insert(0, whole)
        elif isinstance(event, SceneAssembled):
            for one in cut.on_scene_assembled(event, episode):
                asked.setdefault((one.revision, one.inputs), one)
        elif isinstance(event, PartClosed):
            for one in cut.on_part_closed(event, episode):
                asked.setdefault((one.revision, one.inputs), one)
    return list(asked.values())


def made(*takes: TakeChosen) -> list[Any]:
    return [*takes, *(rendered(one) for one in takes)]


def test_the_film_is_laid_out_in_story_order_on_one_clock() -> None:
    (asked,) = run(*BASE, *made(*reversed(TAKES)))
    assert [(one.shot, one.frames) for one in asked.segments] == [
        ("S01-01", 55),
        ("S01-02", 31),
        ("S02-01", 60),
    ]
    assert [(one.line, one.start_ms) for one in asked.lines] == [
        ("L001", 300),
        ("L002", 1300),
        ("L003", (55 + 31) * 40 + 300),
    ]
    assert [(one.line, one.start_ms, one.end_ms) for one in asked.subtitles][-1] == ("L003", 3740, 4640)
    assert asked.tones == (RoomTone(0, 3440, "interior"), RoomTone(3440, 5840, "rain"))
    assert (asked.title, asked.language, asked.fps) == ("Tea at Night", "en", 25)
    assert (asked.loudness_cb, asked.peak_cb, asked.width, asked.height) == (-1600, -150, 128, 228)


def test_it_is_never_asked_for_early() -> None:
    everything = made(*TAKES)
    for missing in range(len(everything)):
        left = [one for number, one in enumerate(everything) if number != missing]
        assert run(*BASE, *left) == [], everything[missing]
    assert run(*(one for one in BASE if not isinstance(one, ShotListSettled)), *everything) == []
    newer = EpisodeRevised(2, "Tea", "t.fountain", NONE, "fountain", NONE, NONE, "a new script")
    assert run(*BASE, *everything[:-1], newer, everything[-1]) == []


def test_open_parts_are_waited_for() -> None:
    opened = PartOpened("cut", "music", 1)
    assert run(OPENED, opened, *BASE[1:], *made(*TAKES)) == []
    assert len(run(OPENED, opened, *BASE[1:], *made(*TAKES), PartClosed("cut", "music", 1))) == 1


def test_it_is_asked_for_once_and_again_when_a_take_changes() -> None:
    assert len(run(*BASE, *made(*TAKES), rendered(TAKES[0]))) == 1
    again = take(INSIDE[1], 40, version="new")
    asked = run(*BASE, *made(*TAKES), *made(again))
    assert [sum(one.frames for one in film.segments) for film in asked] == [146, 155]
    # While the new take is not rendered the old film is not asked for again, whatever else happens.
    assert len(run(*BASE, *made(*TAKES), again, rendered(TAKES[0]), rendered(TAKES[1]))) == 1


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({}, "interior"),
        ({"interior": False}, "exterior-night"),
        ({"interior": False, "time": "day"}, "street"),
        ({"interior": False, "place": "Old Street"}, "street"),
        ({"interior": False, "place": "broad field"}, "exterior-night"),
        ({"interior": False, "place": "夜市街口"}, "street"),
        ({"interior": False, "place": "Old Street", "weather": "heavy rain"}, "rain"),
        ({"interior": False, "weather": "雨"}, "rain"),
        ({"interior": True, "weather": "rain"}, "interior"),
    ],
)
def test_every_place_has_its_sound(more: dict[str, Any], kind: str) -> None:
    assert cut.tone_of([plan("S01", 1, 1, **more)]) == kind


# -- the effect -------------------------------------------------------------------------------------------


def wav(
    seconds: float, *, hertz: float = 220.0, level: float = 0.2, rate: int = 22050, channels: int = 1
) -> bytes:
    """A sound like a voice: a buzz that swells four times a second."""
    at = np.arange(round(seconds * rate)) / rate
    buzz = sum(np.sin(2 * np.pi * hertz * n * at) / n for n in range(1, 9)) / 2
    sound = level * buzz * (0.55 + 0.45 * np.sin(2 * np.pi * 4 * at))
    pcm = np.round(np.clip(sound, -1, 1) * 32767).astype("<i2")
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.repeat(pcm, channels).tobytes())
    return out.getvalue()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk("key", Artifacts(tmp_path / "artifacts"), SMALL, tmp_path / "out", 1e12)


def segment(desk: Desk, colour: tuple[int, int, int], frames: int) -> Artifact:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (148, 264), colour).save(out, "PNG")
    chosen = attrs.evolve(TAKES[1], frames=frames, picture=desk.artifacts.put(out.getvalue(), "image/png"))
    (done,) = scenes.on_take_chosen(chosen, desk)
    return done.segment


def request(desk: Desk, *, level: float = 0.2, hertz: float = 220.0) -> CutRequested:
    segments = (
        CutSegment("S01-01", segment(desk, (200, 40, 40), 40), 40),
        CutSegment("S02-01", segment(desk, (40, 40, 200), 60), 60),
    )
    sound = desk.artifacts.put(wav(1.0, level=level, hertz=hertz), "audio/wav")
    return CutRequested(
        1, "inputs", "Tea\nat Night", "en", 128, 228, 25, segments,
        (
            CutLine("L001", "Mei", "Is it done?", 300, 1000, sound),
            CutLine("L002", "Li", "好。", 1900, 1000, sound),
        ),
        (CutSubtitle(300, 1300, "Is it done?", "L001"), CutSubtitle(1900, 2900, "好。", "L002")),
        (RoomTone(0, 1600, "interior"), RoomTone(1600, 4000, "rain")), -1600, -150,
    )  # fmt: skip


@pytest.mark.parametrize(("level", "hertz"), [(0.05, 220.0), (0.6, 900.0)])
def test_the_film_measures_as_ordered(desk: Desk, level: float, hertz: float) -> None:
    import av

    asked = request(desk, level=level, hertz=hertz)
    (done,) = cut.on_cut_requested(asked, desk)
    assert (done.frames, done.duration_ms, done.inputs) == (100, 4000, "inputs")
    path = desk.artifacts.path(done.film)
    found = measure(path)
    assert abs(found.integrated + 16) <= 0.5
    assert found.true_peak <= -1.0
    with av.open(str(path)) as film:
        assert film.metadata["title"] == "Tea at Night"
        frames = [frame.to_ndarray(format="rgb24")[114, 64] for frame in film.decode(video=0)]
    assert len(frames) == 100
    assert frames[39][0] > 150 > frames[39][2] and frames[40][2] > 150 > frames[40][0]
    parts = [packets(desk.artifacts.path(one.segment)) for one in asked.segments]
    assert packets(path) == [packet for part in parts for packet in part]  # copied, not encoded again
    cues = read_srt(desk.artifacts.path(done.subtitles))
    assert [(one.start_ms, one.end_ms, one.text) for one in cues] == [
        (300, 1300, "Is it done?"),
        (1900, 2900, "好。"),
    ]
    if level < 0.1:
        (again,) = cut.on_cut_requested(asked, desk)
        assert again == done


def packets(path: Path) -> list[bytes]:
    """The encoded pictures of a file, in order."""
    import av

    with av.open(str(path)) as film:
        return [bytes(packet) for packet in film.demux(video=0) if packet.size]


def test_every_line_is_heard_in_its_place_and_the_tone_in_between() -> None:
    lines = [Spoken("L001", 1000, 1000, wav(1.0)), Spoken("L002", 4000, 1000, wav(1.0))]
    mixed = soundtrack(6000, lines, [Tone(0, 3000, "interior"), Tone(3000, 6000, "rain")])
    assert mixed.shape == (2, 288_000)

    def level(start: float, end: float) -> float:
        part = mixed[:, round(start * 48000) : round(end * 48000)]
        return 20 * float(np.log10(np.sqrt(np.mean(np.square(part, dtype=float)))))

    for start in (1.0, 4.0):
        assert level(start + 0.05, start + 0.95) > -26
    assert -60 < level(0.1, 0.9) < -52 and -60 < level(2.2, 2.8) < -52
    assert -50 < level(3.2, 3.9) < -42 and -50 < level(5.1, 5.95) < -42
    steps = np.abs(np.diff(mixed[0, round(2.5 * 48000) : round(3.5 * 48000)]))
    assert steps.max() < 0.04  # rain is rough, a cut from one place to the next would be no rougher


def test_one_place_after_another_of_the_same_kind_is_one_tone() -> None:
    whole = soundtrack(4000, [], [Tone(0, 4000, "street")])
    parts = soundtrack(
        4000, [], [Tone(0, 1500, "street"), Tone(1500, 2600, "street"), Tone(2600, 4000, "street")]
    )
    assert np.array_equal(whole, parts)


def test_recordings_are_read_or_refused_by_name() -> None:
    pcm, rate = read_wav(wav(0.5))
    both, _ = read_wav(wav(0.5, channels=2))
    assert rate == 22050 and pcm.dtype == np.int16 and np.array_equal(pcm, both)
    with pytest.raises(SoundError, match="L007"):
        soundtrack(2000, [Spoken("L007", 0, 500, b"RIFF....")], [])
    with pytest.raises(SoundError, match=r"L007.*1000 ms.*500 ms"):
        soundtrack(2000, [Spoken("L007", 0, 500, wav(1.0))], [])
    with pytest.raises(SoundError, match="cathedral"):
        soundtrack(2000, [], [Tone(0, 2000, "cathedral")])


def test_an_encoder_that_changes_the_sound_is_met_once(desk: Desk, tmp_path: Path) -> None:
    """An encoder that takes 2 dB away is answered by a second try that is 2 dB louder."""
    pictures = [desk.artifacts.path(segment(desk, (9, 9, 9), 50))]
    mixed = soundtrack(2000, [Spoken("L001", 200, 1500, wav(1.5))], [])
    tries: list[int] = []

    def write(sound: Any) -> int:
        join(tmp_path / "film.mp4", pictures, sound * np.float32(10 ** (-2 / 20)), metadata={})
        tries.append(1)
        return len(tries)

    assert finish(mixed, write, tmp_path / "film.mp4", target_lufs=-16, peak_dbtp=-1.5) == 2
    assert abs(measure(tmp_path / "film.mp4").integrated + 16) <= 0.5
