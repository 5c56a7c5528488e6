"""A mouth timed by a voice's letters: the times are the voice's, the shapes are those of the spelling."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from duanju.events.artifact import Artifact
from duanju.events.calls import SpeechReturned
from duanju.events.dialogue import Direction, Letter, LineDirected, LineVoiced, Phoneme
from duanju.events.episode import EpisodeOpened
from duanju.plugins.media.visemes import mouth_cues
from duanju.plugins.stages import dialogue
from duanju.plugins.stages.lipreading import articulated, guessed_phonemes, lettered_phonemes
from duanju.testing.fold import fold

NONE = Artifact("0" * 64, 0, "audio/wav")
OPENED = EpisodeOpened("tea", "teahouse", "Tea", "t.fountain", NONE, "fountain", NONE, NONE)


def spread(text: str, step: int, begin: int = 0) -> list[Letter]:
    return [Letter(begin + n * step, begin + (n + 1) * step, sign) for n, sign in enumerate(text)]


def test_every_sound_begins_with_its_letter() -> None:
    found = lettered_phonemes(spread("Mama", 100, 250), 1000)
    assert found == (
        Phoneme(250, "m"),
        Phoneme(350, "a"),
        Phoneme(450, "m"),
        Phoneme(550, "a"),
        Phoneme(650, ""),
    )


def test_a_chinese_sign_is_a_syllable_at_its_time() -> None:
    found = lettered_phonemes([Letter(100, 300, "许"), Letter(300, 700, "愿"), Letter(700, 900, "。")], 1000)
    starts = [one.start_ms for one in found]
    assert starts == [100, 150, 300, 380, 620, 700]
    assert [one.symbol for one in found] == ["ɕ", "y", "ɥ", "ɛ", "n", ""]
    guessed = [one.symbol for one in guessed_phonemes("许愿", 1000)]
    assert [one.symbol for one in found] == [*guessed, ""]


def test_the_mouth_is_shut_while_the_voice_waits() -> None:
    letters = [*spread("Go", 100), Letter(200, 1500, " "), *spread("on", 100, 1500)]
    cues = mouth_cues(articulated(lettered_phonemes(letters, 2500), "en"), 2500)

    def shape(ms: int) -> str:
        return [shape for start, shape in cues if start <= ms][-1]

    assert shape(900) == "X" and shape(2400) == "X"
    assert shape(120) != "X" and shape(1560) != "X"


def test_the_same_words_said_late_move_the_mouth_late() -> None:
    early = lettered_phonemes(spread("open up", 60), 3000)
    late = lettered_phonemes(spread("open up", 60, 1000), 3000)
    assert [(one.start_ms + 1000, one.symbol) for one in early] == [
        (one.start_ms, one.symbol) for one in late
    ]


def test_letters_that_say_nothing_are_no_phonemes() -> None:
    assert lettered_phonemes([], 900) == () == lettered_phonemes(spread("... !", 50), 900)
    assert lettered_phonemes(spread("Yes", 50), 0) == ()


def test_the_letters_of_a_voice_reach_the_mouth() -> None:
    text = "Papa, papa."
    directed = LineDirected(1, "L001", "S01-01", "Mei", text, Direction(100, 0, 100, ""))

    def cues(*letters: Letter) -> list[tuple[int, str]]:
        returned = SpeechReturned(
            revision=1, subject="L001", take=1, audio=NONE, duration_ms=3000, letters=letters
        )
        (voiced,) = dialogue.on_speech_returned(returned, fold([OPENED, directed]))
        assert isinstance(voiced, LineVoiced) and voiced.letters == letters
        (timed,) = dialogue.on_line_voiced(voiced, fold([OPENED, directed, voiced]))
        return [(cue.start_ms, cue.shape) for cue in timed.cues]

    early, late = cues(*spread(text, 80)), cues(*spread(text, 80, 1500))
    assert [s for _, s in early if s != "X"] == [s for _, s in late if s != "X"]
    assert max(start for start, shape in early if shape != "X") < 1000
    assert min(start for start, shape in late if shape != "X") > 1400
    assert cues() not in (early, late), "without letters the mouth is guessed"


_AT = st.integers(-1000, 30_000)
_TEXT = st.text(max_size=12) | st.text("许愿aMo3 。", max_size=3)
_LETTERS = st.builds(Letter, _AT, _AT, _TEXT)


@settings(max_examples=200, deadline=None)
@given(st.lists(_LETTERS, max_size=25), st.integers(-10, 20_000))
def test_any_letters_give_phonemes_in_order_inside_the_line(letters: list[Letter], duration_ms: int) -> None:
    found = lettered_phonemes(letters, duration_ms)
    starts = [one.start_ms for one in found]
    assert all(0 <= start <= duration_ms for start in starts)
    assert starts == sorted(starts)
    assert mouth_cues(found, max(0, duration_ms))[-1][1] == "X"
