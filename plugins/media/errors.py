"""What goes wrong with pictures, sound and film: one class per tool, so that a caller can say what to do
next."""

from __future__ import annotations


class MediaError(RuntimeError):
    """A media tool cannot do its work; the text says what is wrong and with which file or argument."""


class MissingPart(MediaError):
    """A part is not installed that this needs; the text names the pip command that adds it."""

    def __init__(self, what: str, command: str) -> None:
        super().__init__(f"{what}: {command}")


class VoiceError(MediaError):
    """A line cannot be spoken: bad text or parameters, or the speech engine died or did not answer in
    time."""


class PictureError(MediaError):
    """A plate, a rig or an image is not what it must be (not a PNG, wrong size, outside its bounds)."""


class SoundError(MediaError):
    """Sound cannot be mixed, measured or mastered."""


class SubtitleError(MediaError):
    """Subtitles cannot be timed, read, written or drawn."""


class FilmError(MediaError):
    """A film cannot be encoded, joined or read."""
