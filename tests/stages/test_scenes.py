"""Pictures are asked for every shot, takes are chosen when all is in, and the mouth follows the sound."""

from __future__ import annotations

import io
import json
import wave
import zipfile
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image

from duanju.core.artifacts import Artifacts
from duanju.core.desk import Desk
from duanju.core.settings import Delivery, Settings
from duanju.events.artifact import Artifact
from duanju.events.calls import ImageReturned
from duanju.events.cast import CharacterCast, Profile, Voice
from duanju.events.dialogue import LineVoiced, MouthTimed
from duanju.events.episode import EpisodeOpened, EpisodeRevised, PartClosed, PartOpened
from duanju.events.scenes import (
    Figure,
    MouthCue,
    Move,
    ShotRendered,
    TakeChosen,
)
from duanju.events.script import Line, OnScreen, ShotListSettled, ShotPlanned
from duanju.plugins.stages import cast as casting
from duanju.plugins.stages import dialogue, scenes
from duanju.plugins.stages.placing import GAP_MS, LEAD_IN_MS, TAIL_MS
from duanju.testing.fold import fold

SMALL = Settings(delivery=Delivery("web-vertical", 270, 480, preset="ultrafast"))
NONE = Artifact("0" * 64, 0, "application/octet-stream")
WOMAN = Profile(
    "female", 26, "oval", "#f3d0b4", "long", "#1b1518", "#3b2417", "slim", "qipao", "#a8324a", "#d9a441", ()
)
MAN = Profile(
    "male",
    66,
    "square",
    "#e0ac82",
    "short",
    "#b9b6b4",
    "#241a16",
    "broad",
    "changshan",
    "#27405f",
    "#c8d4dc",
    (),
)


def art(name: str) -> Artifact:
    """An artifact that differs by name."""
    return Artifact(name.encode().hex().ljust(64, "0")[:64], len(name), "application/octet-stream")


def opened(revision: int = 1) -> Any:
    if revision == 1:
        return EpisodeOpened("tea", "teahouse", "Tea", "t.fountain", NONE, "fountain", NONE, NONE)
    return EpisodeRevised(revision, "Tea", "t.fountain", NONE, "fountain", NONE, NONE, "a new script")


def cast() -> list[CharacterCast]:
    return [
        CharacterCast("tea", "Xiao Mei", WOMAN, Voice("female", 0, 55, 100), ""),
        CharacterCast("tea", "Old Zhang", MAN, Voice("male", 0, 40, 95), ""),
    ]


def shot(number: int = 1, of: int = 1, lines: tuple[Line, ...] = (), **more: Any) -> ShotPlanned:
    scene = more.pop("scene", "S01")
    plan = ShotPlanned(
        revision=1,
        scene=scene,
        shot=f"{scene}-{number:02d}",
        number=number,
        of=of,
        place="teahouse",
        interior=True,
        time="night",
        weather="clear",
        size="TWO",
        angle="eye",
        move="push-in",
        on_screen=(
            OnScreen("Xiao Mei", "left", "right", "tense", "sits"),
            OnScreen("Old Zhang", "right", "left", "neutral", "sits"),
        ),
        crowd=True,
        action="She leans in.",
        objects=("cup",),
        mood="tense",
        lines=lines,
        audio="tts" if lines else "silent",
        duration_ms=2000,
        first=1,
        last=2,
    )
    return attrs.evolve(plan, **more)


def line(number: int, character: str, text: str, how: str = "spoken") -> Line:
    return Line(f"L{number:03d}", character, text, "", how)


TALK = (line(1, "Xiao Mei", "Is it done?"), line(2, "Old Zhang", "Be careful what you wish for."))


def listed(*plans: ShotPlanned, inputs: str = "list") -> list[Any]:
    lines = sum(len(plan.lines) for plan in plans)
    return [*plans, ShotListSettled(plans[0].revision, inputs, len(plans), lines, 0)]


def image(name: str = "S01-01", *, picture: str = "plate", **more: Any) -> ImageReturned:
    given = {"revision": 1, "subject": name, "take": 1, "image": art(picture), "width": 312, "height": 552}
    return ImageReturned(**{**given, **more})


def voice(one: Line, ms: int, *, sound: str = "", take: int = 1) -> LineVoiced:
    return LineVoiced(1, take, one.line, "S01-01", one.character, one.text, art(sound or one.line), ms, ())


def mouth(one: Line, ms: int, take: int = 1) -> MouthTimed:
    cues = (MouthCue(0, "X"), MouthCue(100, "D"), MouthCue(max(101, ms - 100), "A"), MouthCue(ms, "X"))
    return MouthTimed(1, take, one.line, one.character, ms, cues)


def spoken(one: Line, ms: int) -> list[Any]:
    return [voice(one, ms), mouth(one, ms)]


def takes_of(events: list[Any], settings: Settings = SMALL) -> list[TakeChosen]:
    """Asks the join on every event in turn, as the engine does, keeping each once key's first answer."""
    kinds = {
        ShotListSettled: scenes.takes_at_settled,
        ImageReturned: scenes.takes_at_image,
        LineVoiced: scenes.takes_at_voice,
        MouthTimed: scenes.takes_at_mouth,
        PartClosed: scenes.takes_at_part,
    }
    found: dict[tuple[int, str], TakeChosen] = {}
    for count in range(1, len(events) + 1):
        event = events[count - 1]
        if type(event) in kinds:
            episode = fold(events[:count], settings=settings)
            for take in kinds[type(event)](event, episode):
                if isinstance(take, TakeChosen):
                    found.setdefault((take.revision, take.inputs), take)
    return list(found.values())


BASE = [opened(), *cast()]


# -- pictures ---------------------------------------------------------------------------------------------


def test_every_shot_asks_for_its_picture() -> None:
    events = [*BASE, *listed(shot(1, 2, TALK), shot(2, 2, size="INSERT", on_screen=()))]
    asked = list(scenes.on_shot_list_settled(events[-1], fold(events, settings=SMALL)))
    assert [one.subject for one in asked] == ["S01-01", "S01-02"]
    first = asked[0]
    assert (first.width, first.height, first.take, first.purpose) == (270, 480, 1, "shot")
    assert all(one.identity.startswith(f"IDENTITY of {one.character}: a") for one in first.picture.figures)
    assert tuple(attrs.evolve(one, identity="") for one in first.picture.figures) == (
        Figure("Xiao Mei", WOMAN, "left", "right", "tense", "sits", True),
        Figure("Old Zhang", MAN, "right", "left", "neutral", "sits", True),
    )
    assert first.picture.crowd and first.picture.objects == ("cup",)
    assert first.traits["characters"] == "Xiao Mei, Old Zhang"
    assert first.traits["words"] == "9" and first.traits["size"] == "TWO"
    assert asked[1].picture.figures == ()


def test_somebody_whom_nobody_is_stops_the_picture_with_the_lines_of_the_script() -> None:
    waiter = OnScreen("Waiter", "centre", "camera", "neutral", "stands")
    events = [*BASE, *listed(shot(1, 1, on_screen=(*shot().on_screen, waiter)))]
    assert list(scenes.on_shot_list_settled(events[-1], fold(events, settings=SMALL))) == []
    (held,) = casting.on_shot_list_settled(events[-1], fold(events, settings=SMALL))
    assert (held.hold, held.subject) == ("name:Waiter", "S01-01") and "cast merge WHO Waiter" in held.next
    assert held.why.startswith("t.fountain, lines 1 to 2: S01-01 shows 'Waiter', who is nobody")


def test_only_a_spoken_line_makes_a_figure_speak() -> None:
    thought = (line(1, "Xiao Mei", "He knows.", "vo"), line(2, "Old Zhang", "Sit.", "off"))
    events = [*BASE, *listed(shot(1, 1, thought))]
    (asked,) = scenes.on_shot_list_settled(events[-1], fold(events, settings=SMALL))
    assert [(one.character, one.speaking) for one in asked.picture.figures] == [
        ("Xiao Mei", False),
        ("Old Zhang", False),
    ]


def test_a_list_settled_again_asks_only_for_what_changed_and_never_below_an_earlier_take() -> None:
    events = [*BASE, *listed(shot(1, 2), shot(2, 2))]
    asked = list(scenes.on_shot_list_settled(events[-1], fold(events, settings=SMALL)))
    later = attrs.evolve(asked[1], take=3)
    events += [*asked, later, *listed(shot(1, 2), shot(2, 2, action="He turns."), inputs="list 2")]
    (again,) = scenes.on_shot_list_settled(events[-1], fold(events, settings=SMALL))
    assert (again.subject, again.take, again.picture.action) == ("S01-02", 3, "He turns.")


def test_an_older_revision_asks_for_nothing() -> None:
    settled = ShotListSettled(1, "list", 1, 0, 0)
    events = [*BASE, shot(), settled, opened(2)]
    episode = fold(events, settings=SMALL)
    assert list(scenes.on_shot_list_settled(settled, episode)) == []
    assert list(scenes.takes_at_settled(settled, episode)) == []


# -- the join `takes` -------------------------------------------------------------------------------------


def test_a_silent_shot_is_taken_with_its_picture_at_its_planned_length() -> None:
    (take,) = takes_of([*BASE, *listed(shot()), image()])
    assert (take.frames, take.fps, take.lines, take.mouths, take.subtitles) == (50, 25, (), (), ())
    assert take.move == Move("push-in", scenes.AMOUNTS["push-in"])
    assert (take.width, take.height, take.preset, take.picture) == (270, 480, "ultrafast", art("plate"))


def test_no_shot_is_shorter_than_a_second_nor_absurdly_long() -> None:
    (short,) = takes_of([*BASE, *listed(shot(duration_ms=10)), image()])
    (long,) = takes_of([*BASE, *listed(shot(duration_ms=10**12)), image()])
    assert short.frames == 25
    assert long.frames == 60 * 25


def test_a_take_waits_for_everything_in_any_order() -> None:
    plan = shot(1, 1, TALK)
    parts: list[Any] = [image(), *spoken(TALK[0], 900), *spoken(TALK[1], 1500)]
    for last in (0, 2, 4):  # the picture, the first mouth, the second mouth come last
        events = [*BASE, *listed(plan), *(one for i, one in enumerate(parts) if i != last)]
        assert takes_of(events) == []
        assert len(takes_of([*events, parts[last]])) == 1
    unsettled = [*BASE, plan, *parts]
    assert takes_of(unsettled) == []
    assert len(takes_of([*unsettled, ShotListSettled(1, "list", 1, 2, 0)])) == 1
    wrong_count = [*unsettled, ShotListSettled(1, "list", 2, 2, 0)]
    assert takes_of(wrong_count) == []


def test_a_take_waits_for_open_parts() -> None:
    waiting = [*BASE, PartOpened("takes", "grade", 1), *listed(shot()), image()]
    assert takes_of(waiting) == []
    assert len(takes_of([*waiting, PartClosed("takes", "grade", 1)])) == 1
    assert takes_of([*waiting, PartClosed("cut", "grade", 1)]) == []


def test_a_take_is_chosen_once_per_inputs_and_again_when_one_changes() -> None:
    plan = shot(1, 1, TALK)
    ready = [*BASE, *listed(plan), image(), *spoken(TALK[0], 900), *spoken(TALK[1], 1500)]
    assert len(takes_of(ready)) == 1
    assert len(takes_of([*ready, image(), *spoken(TALK[0], 900)])) == 1
    assert len(takes_of([*ready, image(take=2)])) == 1, "the same picture again"
    changes: list[list[Any]] = [
        [image(picture="another")],
        [image(take=2, picture="another")],
        [voice(TALK[0], 901), mouth(TALK[0], 901)],
        [voice(TALK[0], 900, sound="again"), mouth(TALK[0], 900)],
    ]
    for change in changes:
        found = takes_of([*ready, *change])
        assert len(found) == 2, change
        assert found[0].inputs != found[1].inputs


def test_a_new_voice_never_moves_the_old_mouth() -> None:
    plan = shot(1, 1, TALK[:1])
    ready = [*BASE, *listed(plan), image(), *spoken(TALK[0], 900)]
    assert len(takes_of([*ready, voice(TALK[0], 1200, take=2)])) == 1
    found = takes_of([*ready, voice(TALK[0], 1200, take=2), mouth(TALK[0], 1200, take=2)])
    assert [take.lines[0].duration_ms for take in found] == [900, 1200]


def test_a_voice_that_says_other_words_does_not_count() -> None:
    plan = shot(1, 1, (line(1, "Xiao Mei", "Is it over?"),))
    assert takes_of([*BASE, *listed(plan), image(), *spoken(TALK[0], 900)]) == []


def test_two_equal_shots_have_two_takes() -> None:
    found = takes_of([*BASE, *listed(shot(1, 2), shot(2, 2)), image("S01-01"), image("S01-02")])
    assert [one.shot for one in found] == ["S01-01", "S01-02"]
    assert attrs.evolve(found[0], shot="", inputs="") == attrs.evolve(found[1], shot="", inputs="")


def test_only_who_speaks_on_screen_moves_the_lips() -> None:
    lines = (
        line(1, "Xiao Mei", "Is it done?"),
        line(2, "Old Zhang", "It is.", "vo"),
        line(3, "Li Wei", "Open the door!"),
        line(4, "Xiao Mei", "Hide it."),
    )
    events = [*BASE, *listed(shot(1, 1, lines)), image()]
    for one in lines:
        events += spoken(one, 800)
    (take,) = takes_of(events)
    (track,) = take.mouths
    assert track.character == "Xiao Mei"
    placed = {one.line: one for one in take.lines}
    assert list(placed) == ["L001", "L002", "L003", "L004"]
    moving = [cue for cue in track.cues if cue.shape != "X"]
    for cue in moving:
        assert any(
            placed[name].start_ms <= cue.start_ms < placed[name].start_ms + 800 for name in ("L001", "L004")
        )
    assert MouthCue(placed["L001"].start_ms + 100, "D") in track.cues
    assert MouthCue(placed["L004"].start_ms + 100, "D") in track.cues
    assert MouthCue(placed["L001"].start_ms + 800, "X") in track.cues


texts = st.sampled_from(
    ["Yes.", "Be careful what you wish for, child of mine.", "东西办妥了吗？", "……", "好", "a\x00b\u202e"]
)
voices = st.lists(
    st.tuples(texts, st.integers(0, 9000), st.sampled_from(["spoken", "inner", "off", "vo"])), max_size=4
)


@given(voices, st.integers(0, 9000), st.sampled_from([24, 25, 30, 60]))
@hypothesis_settings(max_examples=60, deadline=None)
def test_lines_fit_their_shot(said: list[tuple[str, int, str]], planned: int, fps: int) -> None:
    lines = tuple(
        line(n, ("Xiao Mei", "Old Zhang")[n % 2], text, how) for n, (text, _, how) in enumerate(said, 1)
    )
    events = [*BASE, *listed(shot(1, 1, lines, duration_ms=planned)), image()]
    for one, (_, ms, _) in zip(lines, said, strict=True):
        events += (
            spoken(one, ms)
            if ms > 200
            else [voice(one, ms), MouthTimed(1, 1, one.line, one.character, ms, ())]
        )
    settings = Settings(delivery=Delivery("web-vertical", 270, 480, fps=fps))
    closed = PartClosed("takes", "grade", 1)
    (take,) = scenes.takes_at_part(closed, fold([*events, closed], settings=settings))
    length = take.frames * 1000 / fps
    assert take.frames >= fps and length >= planned
    assert [one.line for one in take.lines] == [one.line for one in lines]
    at = 0
    ends = [*(two.start_ms for two in take.lines[1:]), length] if take.lines else []
    for one, until in zip(take.lines, ends, strict=True):
        assert one.start_ms >= (LEAD_IN_MS if at == 0 else at + GAP_MS)
        at = one.start_ms + one.duration_ms
        mine = [cue for cue in take.subtitles if cue.line == one.line]
        assert bool(mine) == any(not c.isspace() for c in one.text)
        for cue in mine:
            assert one.start_ms <= cue.start_ms < cue.end_ms <= until
            assert cue.end_ms - cue.start_ms >= 833 or len(mine) > 1
    assert length >= at + (TAIL_MS if lines else 0)
    for left, right in zip(take.subtitles, take.subtitles[1:], strict=False):
        assert right.start_ms - left.end_ms >= 2000 // fps
    for track in take.mouths:
        times = [cue.start_ms for cue in track.cues]
        assert times == sorted(set(times)) and times[0] == 0 and times[-1] <= length
        assert track.cues[-1].shape == "X"


# -- scenes are assembled ---------------------------------------------------------------------------------


def rendered(take: TakeChosen, segment: str) -> ShotRendered:
    return ShotRendered(1, take.scene, take.shot, take.take, art(segment), take.frames)


def test_a_scene_is_assembled_when_the_newest_takes_are_rendered() -> None:
    events = [*BASE, *listed(shot(1, 2), shot(2, 2)), image("S01-01"), image("S01-02")]
    one, two = takes_of(events)
    events += [one, two, rendered(two, "b")]
    assert list(scenes.on_shot_rendered(events[-1], fold(events, settings=SMALL))) == []
    events.append(rendered(one, "a"))
    (whole,) = scenes.on_shot_rendered(events[-1], fold(events, settings=SMALL))
    assert (whole.scene, whole.shots, whole.frames) == ("S01", ("S01-01", "S01-02"), 100)
    retake = attrs.evolve(one, take=2, inputs="retake", frames=60)
    events += [retake, rendered(one, "a late one")]
    assert list(scenes.on_shot_rendered(events[-1], fold(events, settings=SMALL))) == []
    events.append(rendered(retake, "c"))
    (again,) = scenes.on_shot_rendered(events[-1], fold(events, settings=SMALL))
    assert again.frames == 110 and again.inputs != whole.inputs


# -- the effect -------------------------------------------------------------------------------------------


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk("key", Artifacts(tmp_path / "artifacts"), SMALL, tmp_path / "out", 1e12)


def test_a_plain_jpeg_is_rendered_too(desk: Desk) -> None:

    from duanju.plugins.media.plate import plate_size

    out = io.BytesIO()
    Image.new("RGB", (320, 200), (40, 90, 160)).save(out, "JPEG")
    take = TakeChosen(
        1, "S01", "S01-01", 1, "x", 270, 480, 25, 25, desk.artifacts.put(out.getvalue(), "image/jpeg"), None,
        Move("pan-left", 0.8), (), (), "ultrafast", (),
    )  # fmt: skip
    (done,) = scenes.on_take_chosen(take, desk)
    frames = _decoded(desk.artifacts.path(done.segment))
    assert frames.shape == (25, 480, 270, 3)
    assert np.abs(frames[5].reshape(-1, 3).mean(axis=0) - (40, 90, 160)).max() < 6
    assert plate_size(1080, 1920) == (1244, 2208)


def test_what_is_no_picture_is_refused_by_name(desk: Desk) -> None:
    from duanju.plugins.media.errors import PictureError
    from duanju.plugins.media.plate import as_plate

    for data in (b"", b"GIF89a", b"\x89PNG\r\n\x1a\nrest"):
        with pytest.raises(PictureError, match="picture"):
            as_plate(data, 270, 480)


def _decoded(path: Path) -> np.ndarray[Any, Any]:
    import av

    with av.open(str(path)) as film:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)])


# -- the drawn mouth follows the sound --------------------------------------------------------------------

WINDOW = 3  # frames: a shape is held for two or more, so the mouth follows the sound over about 120 ms


def opening_and_sound(
    desk: Desk, text: str, language: str, face: Profile, speaker: Voice
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Per frame of a shot that is drawn, spoken and rendered: how far the mouth is open, and the sound."""
    from duanju.events.calls import SpeechRequested
    from duanju.events.dialogue import Direction
    from duanju.plugins.providers.local import Local

    local = Local("local", {})
    said = line(1, "Xiao Mei", text)
    plan = shot(
        1, 1, (said,), size="CU", move="still", time="day", crowd=False, duration_ms=1000,
        on_screen=(OnScreen("Xiao Mei", "centre", "camera", "neutral", "stands"),),
    )  # fmt: skip
    events: list[Any] = [opened(), CharacterCast("tea", "Xiao Mei", face, speaker, ""), *listed(plan)]
    episode = fold(events, settings=SMALL)
    (asked,) = scenes.on_shot_list_settled(events[-1], episode)
    (drawn,) = local.on_image_requested(asked, desk)
    directed = Direction(100, 0, 100, "neutral")
    speech = SpeechRequested(1, "L001", "line", 1, text, language, speaker, directed)
    (spoke,) = local.on_speech_requested(speech, desk)
    local.close()
    assert isinstance(drawn, ImageReturned) and not hasattr(spoke, "why")
    events.append(attrs.evolve(drawn, revision=1, subject="S01-01", take=1))
    events.append(
        LineVoiced(1, 1, "L001", "S01-01", "Xiao Mei", text, spoke.audio, spoke.duration_ms, spoke.phonemes)
    )
    events.extend(dialogue.on_line_voiced(events[-1], fold(events, settings=SMALL)))
    (take,) = takes_of(events)
    (done,) = scenes.on_take_chosen(take, desk)
    assert take.rig is not None
    frames = _decoded(desk.artifacts.path(done.segment))
    assert len(frames) == take.frames
    opening = _mouth_height(frames, desk.artifacts.read(take.rig))
    return opening, _envelope(desk.artifacts.read(spoke.audio), take)


def _mouth_height(frames: np.ndarray[Any, Any], rig: bytes) -> np.ndarray[Any, Any]:
    """Dark rows in the middle of the mouth, in each frame; the camera only breathes, so its box stands.

    Only rows that an open mouth changes count: a collar or a beard below may be dark too.
    """
    with zipfile.ZipFile(io.BytesIO(rig)) as packed:
        mouth = json.loads(packed.read("manifest.json"))["figures"][0]["mouth"]
        manifest = json.loads(packed.read("manifest.json"))
        shut, wide = (_luma(packed.read(mouth["shapes"][shape])) for shape in "XD")
    x, y, width, _ = mouth["box"]
    x -= (manifest["width"] - frames.shape[2]) // 2
    y -= (manifest["height"] - frames.shape[1]) // 2
    middle = slice(width * 2 // 5, width * 3 // 5)
    lips = np.flatnonzero((abs(wide - shut)[:, middle] > 24).any(axis=1))
    luma = frames.astype(float) @ (0.2126, 0.7152, 0.0722)
    box = luma[:, y + lips[0] : y + lips[-1] + 1, x + middle.start : x + middle.stop]
    return (box < 90).any(axis=2).sum(axis=1).astype(float)


def _luma(png: bytes) -> np.ndarray[Any, Any]:
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGB"), dtype=float) @ (0.2126, 0.7152, 0.0722)


def _envelope(wav: bytes, take: TakeChosen) -> np.ndarray[Any, Any]:
    """RMS of the voice where it lies in the shot, over WINDOW frames around each frame."""
    with wave.open(io.BytesIO(wav)) as file:
        rate, pcm = file.getframerate(), np.frombuffer(file.readframes(file.getnframes()), "<i2")
    per = rate // take.fps
    sound = np.zeros((take.frames + 1) * per)
    at = take.lines[0].start_ms * rate // 1000
    sound[at : at + pcm.size] = pcm
    power = np.square(sound[: take.frames * per]).reshape(take.frames, per).mean(axis=1)
    return np.asarray(np.sqrt(np.convolve(power, np.ones(WINDOW) / WINDOW, "same")))


@pytest.mark.parametrize(
    ("text", "language", "face", "speaker"),
    [
        ("Be careful what you wish for.", "en", WOMAN, Voice("female", 0, 50, 100)),
        ("东西办妥了吗？", "zh", WOMAN, Voice("female", 0, 50, 100)),
        ("小心你许下的愿望，孩子。", "zh", MAN, Voice("male", 0, 45, 100)),
    ],
)
def test_the_drawn_mouth_follows_the_sound(
    desk: Desk, text: str, language: str, face: Profile, speaker: Voice
) -> None:
    opening, sound = opening_and_sound(desk, text, language, face, speaker)
    lags = [float(np.corrcoef(np.roll(opening, lag), sound)[0, 1]) for lag in (-2, -1, 0, 1, 2)]
    assert max(lags) >= 0.5, lags
    # In the lead-in there is only the line between the lips; on the vowels the mouth stands wide open.
    assert opening[:6].max() <= 4 and opening.max() >= opening[:6].max() + 6
