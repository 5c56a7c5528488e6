"""`duanju lipsync`: the mouth of any recording, from its sound and the words that are said in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

if TYPE_CHECKING:
    from ...media.timing import TimedLine
    from ...media.visemes import Cue

__all__ = ["app"]

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_MOST_TEXT = 2_000
_RATE = 48_000


@app.command(epilog='Example: duanju lipsync line.wav --text "You lied to me." --format rhubarb-tsv')
def lipsync(
    audio: Annotated[Path, typer.Argument(help="A recording: WAV, MP3, or the sound of a film.")],
    text: Annotated[str, typer.Option("--text", help="The words that are said in it.")],
    language: Annotated[
        str, typer.Option("--language", help="en or zh; told from the text if left out.")
    ] = "",
    form: Annotated[
        str, typer.Option("--format", help="json, rhubarb-json, rhubarb-tsv or rhubarb-xml.")
    ] = "",
    json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write into this file instead of printing.")
    ] = None,
) -> None:
    """Times the words, sounds and mouth shapes of a recording.

    English is aligned by a model of its sounds (pip install 'duanju[align]'). Mandarin, and what that model
    cannot follow, is estimated from the loudness, and marked so.
    """
    from ....core.errors import WrongUse
    from ....core.words import here, say, warn

    form = form or ("json" if json else "")
    found = _timed(audio, text, language)
    cues = found.cues
    if not form and out is None:
        length = f"{found.duration_ms / 1000:.2f} s, {len(found.timed.words)} words, {found.timed.how}"
        say(f"{here(audio)}: {length}")
        for word in found.timed.words:
            say(f"{word.start_ms / 1000:8.2f} {word.end_ms / 1000:8.2f}  {word.text}")
        say("mouth: " + " ".join(f"{start / 1000:.2f}{shape}" for start, shape in cues))
        return
    from ...media.mouth_formats import FORMATS, written

    if form and form not in FORMATS:
        raise WrongUse(f"--format {form}: there is no such format; there are: {', '.join(FORMATS)}")
    told = written(
        found.timed, cues, form or "json",
        text=text, language=found.language, duration_ms=found.duration_ms, file=audio.name,
    )  # fmt: skip
    if out is None:
        typer.echo(told, nl=False)
        return
    try:
        out.write_text(told, encoding="utf-8")
    except OSError as error:
        raise WrongUse(f"{out} cannot be written: {error.strerror}; choose another --out") from None
    warn(f"wrote {here(out)}")


class _Found(NamedTuple):
    """A timed recording with its mouth; times in ms."""

    timed: TimedLine
    cues: list[Cue]
    language: str
    duration_ms: int


def _timed(audio: Path, text: str, language: str) -> _Found:
    """Raises WrongUse for what a person mistyped, DuanjuError for a recording that cannot be timed."""
    from ....core.errors import DuanjuError, WrongUse
    from ....events.dialogue import Phoneme
    from ...media.errors import MediaError
    from ...media.recording import read_recording
    from ...media.timing import time_line
    from ...media.visemes import mouth_cues
    from ...media.voice import Voices
    from ..acting import language_of
    from ..lipreading import articulated

    if not audio.is_file():
        raise WrongUse(f"{audio}: no such file; check the path")
    if not text.strip():
        raise WrongUse("--text is empty; give the words that are said in the recording")
    if len(text) > _MOST_TEXT:
        raise WrongUse(f"--text has {len(text):,} characters, over {_MOST_TEXT:,}; time it line by line")
    if language not in ("", "en", "zh"):
        raise WrongUse(f"--language {language}: there are en and zh")
    spoken = language or language_of(text, "en")
    try:
        pcm = read_recording(audio, _RATE)
        with Voices() as voices:
            timed = time_line(
                pcm, _RATE, text, spoken,
                lambda word: [one.symbol for one in voices.speak(word, "en").phonemes],
            )  # fmt: skip
    except MediaError as error:
        raise DuanjuError(str(error)) from None
    if timed is None:
        raise DuanjuError(
            f"{audio}: no voice that could say {text.strip()[:40]!r}; check the recording and --text"
        )
    duration_ms = round(pcm.size * 1000 / _RATE)
    sounds = [Phoneme(one.start_ms, one.symbol) for one in timed.sounds]
    return _Found(timed, mouth_cues(articulated(sounds, spoken), duration_ms), spoken, duration_ms)
