"""A voice that brings no times is listened to: the words stay the script's, and move when they are heard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from chatkit import CENT, Room
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from duanju.core.estimate import Script, estimate
from duanju.core.hooks import SELF, effect, hookimpl
from duanju.core.prices import Price
from duanju.core.settings import Settings
from duanju.events.artifact import Artifact
from duanju.events.calls import (
    Bill,
    CallFailed,
    TranscriptionRequested,
    TranscriptionReturned,
)
from duanju.events.dialogue import Letter, LineVoiced, MouthTimed, Phoneme, Word
from duanju.events.episode import EpisodeOpened, EpisodeRevised
from duanju.plugins.media.visemes import mouth_cues
from duanju.plugins.stages import dialogue
from duanju.plugins.stages.heard import heard_letters
from duanju.plugins.stages.lipreading import lettered_phonemes
from duanju.testing.fold import fold

NONE = Artifact("0" * 64, 0, "audio/wav")
OPENED = EpisodeOpened("tea", "teahouse", "Tea", "t.fountain", NONE, "fountain", NONE, NONE)
HEARS = Settings(routes={"transcription": ("openai:whisper-1",)})
SAID = LineVoiced(1, 2, "L001", "S01-01", "Mei", "Papa, open the door!", NONE, 3000, ())


def times(text: str, *words: Word, lasts: int = 3000) -> list[tuple[str, int, int]]:
    """The line's words as they are timed: (word, start, end)."""
    found: list[tuple[str, int, int]] = []
    fresh = True
    for one in heard_letters(text, words, lasts):
        if one.text == " ":
            fresh = True
        elif fresh:
            found.append((one.text, one.start_ms, one.end_ms))
            fresh = False
        else:
            found[-1] = (found[-1][0] + one.text, found[-1][1], one.end_ms)
    return found


# -- matching ----------------------------------------------------------------------------------------------


def test_words_have_the_times_at_which_they_were_heard() -> None:
    heard = (
        Word(300, 700, "papa"),
        Word(900, 1300, "Open"),
        Word(1300, 1400, "the"),
        Word(1400, 2000, "door."),
    )
    assert times("Papa, open the door!", *heard) == [
        ("Papa", 300, 700),
        ("open", 900, 1300),
        ("the", 1300, 1400),
        ("door", 1400, 2000),
    ]


def test_a_word_heard_as_another_has_its_time_and_stays_the_script_s() -> None:
    heard = (
        Word(300, 700, "Papa"),
        Word(900, 1300, "opened"),
        Word(1300, 1400, "a"),
        Word(1400, 2000, "door"),
    )
    found = times("Papa, open the door!", *heard)
    assert [word for word, _, _ in found] == ["Papa", "open", "the", "door"]
    assert (found[1][1], found[2][2]) == (900, 1400) and found[3] == ("door", 1400, 2000)


def test_a_word_that_nobody_heard_has_the_time_between_its_neighbours() -> None:
    found = times(
        "Papa, open the door!", Word(300, 700, "papa"), Word(1400, 2000, "door"), Word(2000, 2300, "x")
    )
    assert [word for word, _, _ in found] == ["Papa", "open", "the", "door"]
    assert found[1][1] == 700 and found[2][2] <= 1400
    late = times(
        "Well, open the door", Word(2000, 2300, "open"), Word(2300, 2500, "the"), Word(2500, 2900, "door")
    )
    assert late[0] == ("Well", 2000 - 4 * 72, 2000), "and is not spread over the silence before them"


def test_more_words_than_were_written_move_nothing_of_their_own() -> None:
    heard = (Word(0, 200, "uh"), Word(300, 700, "papa"), Word(800, 900, "please"), Word(900, 1300, "open"))
    assert times("Papa, open", *heard) == [("Papa", 300, 700), ("open", 900, 1300)]


@pytest.mark.parametrize("heard", ["许愿要小心", "許願要小心", "许院要小新"])
def test_chinese_signs_are_matched_by_order_however_they_are_written(heard: str) -> None:
    words = [Word(100 + 200 * n, 300 + 200 * n, sign) for n, sign in enumerate(heard)]
    letters = [one for one in heard_letters("许愿，要小心！", words, 3000) if one.text != " "]
    assert letters == [Letter(100 + 200 * n, 300 + 200 * n, sign) for n, sign in enumerate("许愿要小心")]
    together = [Word(100, 500, heard[:2]), Word(500, 1100, heard[2:])]
    assert [one for one in heard_letters("许愿，要小心！", together, 3000) if one.text != " "] == letters


def test_something_else_that_was_heard_is_not_believed() -> None:
    assert times("Papa, open the door!", Word(0, 900, "Thank"), Word(900, 1500, "you")) == []
    assert times("Papa, open the door!", Word(0, 900, "the")) == []
    assert times("Papa, open the door!") == times("!?", Word(0, 900, "door")) == []


_WORD = st.builds(
    Word,
    st.integers(-500, 6000),
    st.integers(-500, 6000),
    st.sampled_from(["open", "the", "Door", "don't", "许愿", "小", "3", "", " ,"]) | st.text(max_size=4),
)
_TEXT = st.lists(st.sampled_from(["open", "the", "door!", "don't", "许愿", "小心", "33", "—"]), max_size=9)


@hypothesis_settings(max_examples=300, deadline=None)
@given(_TEXT.map(" ".join) | st.text(max_size=20), st.lists(_WORD, max_size=9), st.integers(-5, 5000))
def test_anything_heard_gives_the_script_s_letters_in_order_inside_the_line(
    text: str, words: list[Word], lasts: int
) -> None:
    letters = heard_letters(text, words, lasts)
    assert all(0 <= one.start_ms <= one.end_ms <= max(0, lasts) for one in letters)
    rest = iter(text)
    assert all(one.text in rest for one in letters if one.text != " "), (
        "never a letter that is not the script's"
    )
    phonemes = lettered_phonemes(letters, lasts)
    assert mouth_cues(phonemes, max(0, lasts))[-1][1] == "X"


def test_a_long_line_that_repeats_itself_is_matched_without_delay() -> None:
    text = "ha " * 600 + "end"
    words = [Word(n, n + 1, "ha" if n % 3 else "ho") for n in range(1900)]
    assert heard_letters(text, words, 5000) == ()
    heard = [*(Word(n, n + 1, "ha") for n in range(600)), Word(1000, 1500, "end")]
    assert heard_letters(text, heard, 5000)[-1] == Letter(1333, 1500, "d")


# -- the stage ---------------------------------------------------------------------------------------------


def mouth(*words: Word, before: tuple[Any, ...] = (), after: tuple[Any, ...] = ()) -> list[Any]:
    """What comes of a transcription of the line."""
    (asked,) = dialogue.on_line_voiced(SAID, fold([OPENED, SAID], settings=HEARS))
    events = [OPENED, SAID, *before, asked]
    returned = TranscriptionReturned(
        request=len(events), revision=1, subject="L001", take=2, text="", words=words, duration_ms=3000
    )
    return list(
        dialogue.on_transcription_returned(returned, fold([*events, *after, returned], settings=HEARS))
    )


def test_a_voice_without_times_is_asked_about_where_somebody_hears() -> None:
    (asked,) = dialogue.on_line_voiced(SAID, fold([OPENED, SAID], settings=HEARS))
    assert isinstance(asked, TranscriptionRequested)
    assert (asked.subject, asked.purpose, asked.take, asked.audio) == ("L001", "mouth", 2, NONE)
    assert (asked.text, asked.language, asked.duration_ms) == (SAID.text, "en", 3000)
    assert asked.traits == {"characters": "Mei", "words": "4", "language": "en"}


def test_nobody_is_asked_without_a_route_about_known_times_or_about_silence() -> None:
    def answers(said: LineVoiced, settings: Settings = HEARS) -> list[type[Any]]:
        return [type(one) for one in dialogue.on_line_voiced(said, fold([OPENED, said], settings=settings))]

    assert answers(SAID, Settings()) == [MouthTimed]
    assert answers(attrs.evolve(SAID, phonemes=(Phoneme(0, "p"),))) == [MouthTimed]
    assert answers(attrs.evolve(SAID, letters=(Letter(0, 90, "P"),))) == [MouthTimed]
    assert (
        answers(attrs.evolve(SAID, text="……")) == answers(attrs.evolve(SAID, duration_ms=0)) == [MouthTimed]
    )
    assert dialogue.decisions == 3, "without a route the answers are those of before"


def test_the_mouth_moves_when_the_words_are_heard_and_is_shut_until_then() -> None:
    (late,) = mouth(
        Word(1800, 2200, "Papa"), Word(2200, 2500, "open"), Word(2500, 2600, "the"), Word(2600, 2900, "door")
    )
    assert isinstance(late, MouthTimed) and (late.take, late.duration_ms) == (2, 3000)
    moving = [cue.start_ms for cue in late.cues if cue.shape != "X"]
    assert 1700 < moving[0] <= 1800 and moving[-1] < 2900
    (guess,) = dialogue.on_line_voiced(SAID, fold([OPENED, SAID]))
    assert mouth() == mouth(Word(0, 900, "Thank"), Word(900, 1500, "you")) == [guess], (
        "else it is guessed as ever"
    )


def test_what_was_heard_in_another_voice_moves_nothing() -> None:
    other = attrs.evolve(SAID, audio=Artifact("1" * 64, 0, "audio/wav"))
    words = (Word(0, 900, "Papa"), Word(900, 1500, "open"), Word(1500, 1600, "the"), Word(1600, 2000, "door"))
    (timed,) = mouth(*words)
    assert mouth(*words, after=(other,)) == []
    assert mouth(*words, after=(attrs.evolve(SAID, text="Open."),)) == []
    assert mouth(*words, after=(timed,)) == [], "a late second answer"
    assert mouth(*words, before=(timed,)) == [timed]
    newer = EpisodeRevised(2, "Tea", "t.fountain", NONE, "fountain", NONE, NONE, "a new script")
    assert mouth(*words, after=(newer,)) == []


# -- a film ------------------------------------------------------------------------------------------------


class Ear:
    """A provider that hears the words that are in the script, at half of the sound."""

    def __init__(self, deaf: bool = False) -> None:
        self.name = "ear"
        self.deaf = deaf
        self.asked: list[TranscriptionRequested] = []

    def duanju_prices(self) -> list[Price]:
        """A cent a call."""
        return [Price("ear:m", {"call": CENT * 1_000_000}, "test", "2020-01-01")]

    @hookimpl
    @effect(provider=SELF, lane=SELF, doubt="hold", deadline_s=30.0)
    def on_transcription_requested(
        self, event: TranscriptionRequested
    ) -> Iterator[TranscriptionReturned | CallFailed]:
        """Answers as it was told to."""
        self.asked.append(event)
        if self.deaf:
            yield CallFailed(why="deaf", fallback=True)
            return
        word = Word(event.duration_ms // 2, event.duration_ms, event.text)
        bill = Bill(cost=CENT, billing="billed")
        yield TranscriptionReturned(text=event.text, words=(word,), duration_ms=event.duration_ms, bill=bill)


def room(root: Path, ear: Ear, routed: bool = True) -> Room:
    """A room with an ear that is routed."""
    found = Room(root, ear, routes=())  # type: ignore[arg-type]
    routes = {**found.settings.routes, "transcription": ("ear:m",) if routed else ()}
    found.settings = attrs.evolve(found.settings, routes=routes)
    return found


def test_every_mouth_of_an_episode_waits_for_its_ear_and_a_replay_answers_the_same(tmp_path: Path) -> None:
    ear = Ear()
    one = room(tmp_path, ear)
    stream = one.open()
    one.run()
    assert sorted(asked.subject for asked in ear.asked) == ["L001", "L002", "L003"]
    mouths = {timed.line: timed for timed in one.all(stream, MouthTimed)}
    assert sorted(mouths) == ["L001", "L002", "L003"] and len(one.all(stream, MouthTimed)) == 3
    order = [record.kind for record in one.log.read(stream=stream)]
    assert order.index("transcription_returned") < order.index("mouth_timed")
    for timed in mouths.values():
        assert next(cue.start_ms for cue in timed.cues if cue.shape != "X") >= 10
    assert one.holds(stream) == []
    one.proven(stream)
    one.revise(stream, "Title: The Tea\n\nINT. TEAHOUSE - NIGHT\n\nMEI\n(whispering)\nIs it done?\n")
    one.run()
    assert len(ear.asked) == 3, "the same voice is not listened to twice"
    assert one.all(stream, TranscriptionReturned)[-1].reused_from is not None
    one.proven(stream)
    one.close()


def test_an_ear_that_fails_holds_the_episode_until_there_is_another_or_none(tmp_path: Path) -> None:
    ear = Ear(deaf=True)
    one = room(tmp_path, ear)
    stream = one.open()
    one.run()
    assert one.holds(stream) and one.all(stream, MouthTimed) == []
    one.revise(
        stream, settings=attrs.evolve(one.settings, routes={**one.settings.routes, "transcription": ()})
    )
    one.run()
    assert len([timed for timed in one.all(stream, MouthTimed) if timed.revision == 2]) == 3
    one.proven(stream)
    one.close()


def test_an_unrouted_ear_changes_nothing(tmp_path: Path) -> None:
    logs = []
    for name, ear in (("a", Ear()), ("b", Ear(deaf=True))):
        (tmp_path / name).mkdir()
        one = room(tmp_path / name, ear, routed=False)
        stream = one.open()
        one.run()
        assert ear.asked == [] and one.all(stream, TranscriptionRequested) == []
        logs.append(sorted((timed.line, timed.cues) for timed in one.all(stream, MouthTimed)))
        one.close()
    assert logs[0] == logs[1] and len(logs[0]) == 3


@pytest.mark.parametrize("timed", [False, True])
def test_an_estimate_counts_the_ears_that_would_be_asked(tmp_path: Path, timed: bool) -> None:
    ear = Ear()
    one = room(tmp_path, ear)
    voices = one.plugins.plugins["fast"].object
    voices.times_speech = timed
    script = Script("episode/tea/tea", "Tea", "tea.fountain", one_script().encode(), "fountain")
    (tmp_path / "e").mkdir()
    found = estimate(one.plugins, one.settings, script, tmp_path / "e", "2026-11-24")
    heard = [call for call in found.calls if call.capability == "transcription"]
    assert [call.subject for call in heard] == ([] if timed else ["L001", "L002", "L003"])
    assert found.total().expected == (0 if timed else 3 * CENT) and ear.asked == []
    if not timed:
        assert found.by("purpose")["mouth"].calls == 3
        with_ears, without = found.total(), _without(one, script, tmp_path)
        assert with_ears.seconds == without.seconds, "a voice's seconds count once"
    one.close()


def one_script() -> str:
    """The tea's script."""
    from chatkit import TEA

    return TEA


def _without(one: Room, script: Script, root: Path) -> Any:
    routes = {**one.settings.routes, "transcription": ()}
    (root / "f").mkdir()
    return estimate(
        one.plugins, attrs.evolve(one.settings, routes=routes), script, root / "f", "2026-11-24"
    ).total()


def test_a_studio_of_before_is_not_made_anew_for_a_capability_without_a_route() -> None:
    before = attrs.evolve(
        Settings(), routes={k: v for k, v in Settings().routes.items() if k != "transcription"}
    )
    assert before.decisive() == Settings().decisive() != HEARS.decisive()
    assert Settings.from_json(before.to_json()).decisive() == Settings().decisive()
