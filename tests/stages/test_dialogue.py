"""Lines are directed by the script's own words, spoken in the cast's voices, and give the mouth its times."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from duanju.events.artifact import Artifact
from duanju.events.calls import SpeechRequested, SpeechReturned
from duanju.events.cast import CharacterCast, Profile, Voice
from duanju.events.dialogue import Direction, LineDirected, LineVoiced, Phoneme
from duanju.events.episode import EpisodeOpened, EpisodeRevised
from duanju.events.script import Line, ScriptParsed, ShotListSettled, ShotPlanned
from duanju.plugins.stages import dialogue
from duanju.plugins.stages.acting import MANNERS, direction_of, language_of
from duanju.plugins.stages.lipreading import guessed_phonemes, sane_phonemes
from duanju.testing.fold import fold

NONE = Artifact("0" * 64, 0, "audio/wav")
FACE = Profile(
    "female", 26, "oval", "#f3d0b4", "long", "#1b1518", "#3b2417", "slim", "qipao", "#a83", "#d9a", ()
)
MEI = CharacterCast("tea", "Xiao Mei", FACE, Voice("female", 2, 55, 104), "")
OPENED = EpisodeOpened("tea", "teahouse", "Tea", "t.fountain", NONE, "fountain", NONE, NONE)
ASK = Line("L001", "Xiao Mei", "Is it done?", "whispering", "spoken")
REPLY = Line("L002", "Waiter", "东西办妥了！", "", "spoken")
THINK = Line("L003", "Xiao Mei", "He knows...", "", "vo")


def parsed(language: str = "en") -> ScriptParsed:
    return ScriptParsed(1, "Tea", language, "fountain", 1, 3, 9, (), (), ())


def plan(number: int, of: int, *lines: Line, scene: str = "S01", mood: str = "") -> ShotPlanned:
    return ShotPlanned(
        1, scene, f"{scene}-{number:02d}", number, of, "teahouse", True, "night", "clear", "MS", "eye",
        "still", (), False, "", (), mood, lines, "tts", 2000, 1, 2,
    )  # fmt: skip


def settled(shots: int, lines: int, inputs: str = "list", revision: int = 1) -> ShotListSettled:
    return ShotListSettled(revision, inputs, shots, lines, 0)


BASE: list[Any] = [OPENED, parsed(), MEI]


def directed_of(events: list[Any]) -> list[LineDirected]:
    return list(dialogue.on_shot_list_settled(events[-1], fold(events)))


def test_every_line_is_directed_once_in_story_order() -> None:
    # Scenes and shots arrive out of order; the second scene is broken down twice, and its last list counts.
    events = [
        *BASE,
        plan(2, 2, REPLY),
        plan(1, 2, ASK),
        plan(1, 2, attrs.evolve(ASK, line="L009"), scene="S02"),
        plan(2, 2, attrs.evolve(ASK, line="L010"), scene="S02"),
        plan(1, 1, THINK, scene="S02"),
        settled(3, 3),
    ]
    found = directed_of(events)
    assert [(one.line, one.shot, one.character, one.text) for one in found] == [
        ("L001", "S01-01", "Xiao Mei", "Is it done?"),
        ("L002", "S01-02", "Waiter", "东西办妥了！"),
        ("L003", "S02-01", "Xiao Mei", "He knows..."),
    ]
    again = [*events, *found, settled(3, 3, "again")]
    assert directed_of(again) == []
    changed = [*again[:-1], plan(1, 2, attrs.evolve(ASK, note="shouting")), settled(3, 3, "changed")]
    assert [(one.line, one.direction.tone) for one in directed_of(changed)] == [("L001", "shout")]


def test_an_older_revision_directs_nothing() -> None:
    newer = EpisodeRevised(2, "Tea", "t.fountain", NONE, "fountain", NONE, NONE, "a new script")
    old = settled(1, 1)
    assert list(dialogue.on_shot_list_settled(old, fold([*BASE, plan(1, 1, ASK), old, newer]))) == []


@pytest.mark.parametrize(
    ("note", "tone"),
    [
        ("whispering", "whisper"),
        ("in a hushed voice, angry", "whisper"),
        ("低声", "whisper"),
        ("压低声音，紧张地", "whisper"),
        ("SHOUTING over the rain", "shout"),
        ("大喊", "shout"),
        ("愤怒地", "angry"),
        ("sobbing", "cry"),
        ("颤抖着", "afraid"),
        ("laughs", "happy"),
        ("温柔地", "tender"),
        ("coldly", "cold"),
        ("pushing a small package across", "neutral"),
        ("unafraid of anything", "neutral"),  # a stem counts at a word's start only
        ("", "neutral"),
    ],
)
def test_the_parenthetical_sets_the_tone(note: str, tone: str) -> None:
    assert direction_of(note, "Is it done").tone == tone


def test_directions_have_known_numbers() -> None:
    assert direction_of("whispering", "Is it done.") == Direction(92, -4, 60, "whisper")
    assert direction_of("低声", "办妥了。") == Direction(92, -4, 60, "whisper")
    assert direction_of("", "Done.") == Direction(100, 0, 100, "neutral")
    assert direction_of("", "Done?").pitch > direction_of("", "Done.").pitch
    assert direction_of("", "Done!").volume > direction_of("", "Done.").volume
    assert direction_of("", "Done……").pace < direction_of("", "Done.").pace
    mood, note = direction_of("", "Done.", mood="angry"), direction_of("angry", "Done.")
    assert 100 < mood.volume < note.volume and mood.tone == note.tone == "angry"
    assert direction_of("", "Done.", how="vo").volume < 100


@given(
    st.text(max_size=300),
    st.text(max_size=300),
    st.sampled_from(["spoken", "inner", "off", "vo"]),
    st.text(max_size=20),
)
@hypothesis_settings(max_examples=100, deadline=None)
def test_any_direction_stays_within_bounds(note: str, text: str, how: str, mood: str) -> None:
    found = direction_of(note, text, how, mood)
    assert 70 <= found.pace <= 140 and -20 <= found.pitch <= 20 and 40 <= found.volume <= 130
    assert found.tone in {"neutral", *(manner.tone for manner in MANNERS)}


def test_the_line_is_asked_for_in_its_own_language_and_the_cast_voice() -> None:
    events = [*BASE, plan(1, 1, ASK, REPLY), settled(1, 2)]
    first, second = directed_of(events)
    (asked,) = dialogue.on_line_directed(first, fold([*events, first]))
    assert (asked.subject, asked.purpose, asked.text, asked.language, asked.voice, asked.take) == (
        "L001", "line", "Is it done?", "en", MEI.voice, 1,
    )  # fmt: skip
    assert asked.direction == first.direction and asked.traits["words"] == "3"
    (other,) = dialogue.on_line_directed(second, fold([*events, second]))
    assert other.language == "zh" and other.traits["words"] == "6"
    assert other.voice == dialogue.voice_of_stranger("Waiter")
    later = attrs.evolve(asked, take=4)
    (again,) = dialogue.on_line_directed(first, fold([*events, first, asked, later, first]))
    assert again.take == 4


def test_language_is_the_lines_own() -> None:
    assert language_of("东西 OK 了", "en") == "zh"
    assert language_of("OK?", "zh") == "en"
    assert language_of("……", "zh") == "zh"
    assert language_of("1984", "klingon") == "en"


def test_strangers_differ_and_stay_themselves() -> None:
    voices = [dialogue.voice_of_stranger(name) for name in ("Waiter", "伙计", "Guard", "老板", "\ud800", "")]
    assert voices == [
        dialogue.voice_of_stranger(n) for n in ("Waiter", "伙计", "Guard", "老板", "\ud800", "")
    ]
    assert len(set(voices)) == len(voices)
    assert all(0 <= voice.pitch <= 99 and 50 <= voice.rate <= 200 for voice in voices)


def returned(**more: Any) -> SpeechReturned:
    given = {"revision": 1, "subject": "L001", "take": 1, "audio": NONE, "duration_ms": 900}
    return SpeechReturned(**{**given, **more})


def test_a_voice_becomes_the_lines_voice_only_if_it_says_the_line() -> None:
    events: list[Any] = [*BASE, plan(1, 1, ASK), settled(1, 1)]
    (directed,) = directed_of(events)
    events.append(directed)
    (asked,) = dialogue.on_line_directed(directed, fold(events))
    events.append(asked)
    position = len(events)
    sounds = (Phoneme(0, "ɪ"), Phoneme(90, "z"))
    (voiced,) = dialogue.on_speech_returned(returned(request=position, take=2, phonemes=sounds), fold(events))
    assert voiced == LineVoiced(1, 2, "L001", "S01-01", "Xiao Mei", "Is it done?", NONE, 900, sounds)
    assert list(dialogue.on_speech_returned(returned(subject="narration"), fold(events))) == []
    assert list(dialogue.on_speech_returned(returned(revision=0), fold(events))) == []
    other = attrs.evolve(asked, purpose="sample")
    assert list(dialogue.on_speech_returned(returned(request=position + 1), fold([*events, other]))) == []
    reworded = attrs.evolve(directed, text="Is it over?")
    assert list(dialogue.on_speech_returned(returned(request=position), fold([*events, reworded]))) == []


def mouth_of(text: str, duration_ms: int, phonemes: tuple[Phoneme, ...]) -> list[tuple[int, str]]:
    voiced = LineVoiced(1, 1, "L001", "S01-01", "Xiao Mei", text, NONE, duration_ms, phonemes)
    (timed,) = dialogue.on_line_voiced(voiced, fold([OPENED, voiced]))
    assert (timed.line, timed.take, timed.duration_ms) == ("L001", 1, duration_ms)
    return [(cue.start_ms, cue.shape) for cue in timed.cues]


def test_the_mouth_follows_the_voices_own_phonemes() -> None:
    cues = mouth_of("Mama", 800, (Phoneme(0, "m"), Phoneme(100, "ɑː"), Phoneme(400, "m"), Phoneme(500, "ə")))
    shapes = [shape for _, shape in cues]
    assert [shape for shape in shapes if shape != "X"] == ["A", "D", "A", "C"]
    wide = next(start for start, shape in cues if shape == "D")
    assert 0 < wide <= 100 and cues[-1][1] == "X" and cues[-1][0] <= 800


def test_a_voice_without_phonemes_still_moves_the_mouth_by_its_text() -> None:
    for text in ("Be careful what you wish for.", "许愿要小心啊。"):
        cues = mouth_of(text, 2000, ())
        moving = {shape for _, shape in cues} - {"X"}
        assert len(moving) >= 2 and len(cues) >= 6 and cues[0][0] == 0 and cues[-1][1] == "X"
    assert {shape for _, shape in mouth_of("……", 600, ())} == {"X"}


def test_a_pause_in_the_text_closes_a_guessed_mouth() -> None:
    guessed = guessed_phonemes("Yes, no", 3000)
    marks = [one for one in guessed if not one.symbol]
    assert len(marks) == 1 and 1000 < marks[0].start_ms < 2000


anything = st.lists(st.builds(Phoneme, st.integers(-(10**6), 10**6), st.text(max_size=20)), max_size=30)


@given(st.text(max_size=200), st.integers(0, 20_000), anything)
@hypothesis_settings(max_examples=100, deadline=None)
def test_any_voice_gives_a_mouth(text: str, duration_ms: int, phonemes: list[Phoneme]) -> None:
    cues = mouth_of(text, duration_ms, tuple(phonemes))
    starts = [start for start, _ in cues]
    assert starts == sorted(set(starts)) and starts[0] == 0 and starts[-1] <= duration_ms
    assert cues[-1][1] == "X" and {shape for _, shape in cues} <= set("ABCDEFGHX")
    sane = sane_phonemes(phonemes, duration_ms)
    assert [one.start_ms for one in sane] == sorted(one.start_ms for one in sane)
    assert all(0 <= one.start_ms <= duration_ms for one in sane)
    assert guessed_phonemes(text, duration_ms) == guessed_phonemes(text, duration_ms)


def test_requests_are_for_the_newest_revision_only() -> None:
    newer = EpisodeRevised(2, "Tea", "t.fountain", NONE, "fountain", NONE, NONE, "a new script")
    directed = LineDirected(1, "L001", "S01-01", "Xiao Mei", "Is it done?", Direction(100, 0, 100, "neutral"))
    episode = fold([*BASE, directed, newer])
    asked: list[SpeechRequested] = list(dialogue.on_line_directed(directed, episode))
    assert asked == []
