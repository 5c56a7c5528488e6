"""The form of an answer about a scene: its shots, in the words that the later stages know."""

from __future__ import annotations

from attrs import frozen

from ..screenplay.look import BEATS, LENSES, MOST_ACTS, MOST_NEEDS
from .forms import flag, items, number, text, word

__all__ = ["MOST_ACTION", "Seen", "Shot", "Shots", "Spoken"]

MOST_ACTION = 600
SIZES = ("EWS", "WS", "FS", "MS", "MCU", "CU", "ECU", "TWO", "OTS", "INSERT")
ANGLES = ("eye", "low", "high", "dutch")
MOVES = ("still", "push-in", "pull-out", "pan-left", "pan-right", "tilt-up", "tilt-down")
POSITIONS = ("left", "centre-left", "centre", "centre-right", "right")
FACINGS = ("camera", "left", "right", "away")
EXPRESSIONS = ("neutral", "happy", "sad", "angry", "afraid", "surprised", "tense", "tender")
MOODS = (
    *("calm", "quiet", "happy", "sad", "angry", "afraid", "shocked", "tense", "tender", "mysterious"),
    *("intimate", "dramatic", "romantic"),
)


AUDIO = ("native", "tts", "voice-over", "silent")


@frozen
class Spoken:
    """A line, or a part of one, in a shot."""

    line: str = text(20, "the line's number, like L007")
    text: str = text(2_400, "its exact text, or the part of it that is said here")


@frozen
class Seen:
    """Somebody in a shot."""

    character: str = text(200, "a name from the list", 1)
    position: str = word(*POSITIONS, about="where in the frame")
    facing: str = word(*FACINGS, about="where this person looks, as the camera sees it")
    expression: str = word(*EXPRESSIONS)
    pose: str = text(40, "one word for the body, like stand, sit, walk, give, point")


@frozen
class Shot:
    """One shot of the answer."""

    first: int = number(1, 100_000, "the first entry that it shows")
    last: int = number(1, 100_000, "the last entry that it shows")
    size: str = word(*SIZES)
    lens: int = number(*LENSES, "focal length in mm of a full frame")
    angle: str = word(*ANGLES)
    move: str = word(*MOVES)
    on_screen: tuple[Seen, ...] = items(4, "who is seen, at most four")
    crowd: bool = flag("whether people without a name are seen")
    light: str = text(200, "the lighting in a few words, in English", 1)
    beat: str = word(*BEATS, about="what the shot does in the story")
    action: str = text(MOST_ACTION, "what is seen")
    acts: tuple[str, ...] = items(MOST_ACTS, "the action in units, one deed each", each=300)
    objects: tuple[str, ...] = items(8, "props that matter, in a word or two each", each=60)
    needs: tuple[str, ...] = items(MOST_NEEDS, "what must be seen: who, props, weather, words", each=200)
    mood: str = word(*MOODS)
    audio: str = word(*AUDIO, about="where its sound comes from; silent where nothing is said")
    lines: tuple[Spoken, ...] = items(20, "what is said in it, in order")
    duration_ms: int = number(1_000, 10_000, "how long it lasts, in ms")


@frozen
class Shots:
    """The whole answer."""

    shots: tuple[Shot, ...] = items(400, "the shots in order", least=1)
