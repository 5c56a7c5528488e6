"""Reads what a person put into a studio's `cast/` folder, and records it where it is new."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ..events.cast import CharacterWritten
from .artifacts import Artifacts
from .cast_fields import checked
from .errors import WrongUse, advice
from .source import safe_name
from .toml_file import TomlFile

if TYPE_CHECKING:
    from .log import Log

__all__ = ["CastFile", "note_cast", "read_cast"]

MOST_FILES = 500
MOST_TEXT = 256 << 10
MOST_PICTURE = 20 << 20
MOST_PICTURES = 8
_PICTURES = {
    ".png": ("image/png", b"\x89PNG\r\n\x1a\n"),
    ".jpg": ("image/jpeg", b"\xff\xd8\xff"),
    ".jpeg": ("image/jpeg", b"\xff\xd8\xff"),
    ".webp": ("image/webp", b"RIFF"),
}
_DRAWN = ".sheet"  # NAME.sheet.png is what duanju drew: no word of a person


@frozen
class CastFile:
    """All files of one character: what is written, and pictures as (bytes, media type), by file name."""

    character: str
    digest: str
    fields: dict[str, str]
    pictures: tuple[tuple[bytes, str], ...]

    @property
    def source(self) -> str:
        """How the log names them."""
        return f"cast/{self.character}"


def read_cast(folder: Path, series: str) -> list[CastFile]:
    """What `folder` and its sub-folder `series` say of each character, the latter's files in place of others.

    NAME.toml holds fields; NAME.png, NAME.jpg, NAME.webp and NAME.2.png ... are pictures. Raises WrongUse for
    a file that cannot be read, and BadSetting for a field that cannot be, with file and line.
    """
    found: dict[str, dict[str, Path]] = {}
    for place in (folder, folder / series):
        here: dict[str, dict[str, Path]] = {}
        for path in _files(place):
            stem = unicodedata.normalize("NFC", path.stem if path.suffix.lower() == ".toml" else _stem(path))
            if stem and not path.stem.endswith(_DRAWN):
                here.setdefault(stem, {})[path.name] = path
        found.update(here)
    if len(found) > MOST_FILES:
        raise WrongUse(f"{folder} describes {len(found)} characters; it may describe at most {MOST_FILES}")
    return [_read(name, [found[name][file] for file in sorted(found[name])]) for name in sorted(found)]


def _files(place: Path) -> list[Path]:
    try:
        listed = sorted(place.iterdir()) if place.is_dir() else []
    except OSError as error:
        raise WrongUse(f"{place} cannot be read: {error.strerror}; {advice(error)}") from None
    kinds = (".toml", *_PICTURES)
    return [
        one
        for one in listed
        if one.suffix.lower() in kinds and not one.name.startswith(".") and one.is_file()
    ]


def _stem(path: Path) -> str:
    """The name in a picture's file name, without a number or word after a dot: `Mei.2.png` -> `Mei`."""
    stem, dot, more = path.stem.rpartition(".")
    return stem if dot and stem and more.isascii() and more.isdecimal() else path.stem


def _read(name: str, paths: list[Path]) -> CastFile:
    if safe_name(name) != name:
        raise WrongUse(f"{paths[0]}: {name!r} cannot be a character's name; rename the file")
    whole = hashlib.sha256()
    said: dict[str, str] = {}
    pictures: list[tuple[bytes, str]] = []
    for path in paths:
        data = _bytes(path)
        whole.update(f"{path.name}\0{len(data)}\0".encode() + data)
        if path.suffix.lower() == ".toml":
            said = _fields(TomlFile(path))
        else:
            pictures.append((data, _media(path, data)))
    if len(pictures) > MOST_PICTURES:
        raise WrongUse(
            f"{paths[0].parent}: {name} has {len(pictures)} pictures; at most {MOST_PICTURES} help"
        )
    return CastFile(name, whole.hexdigest(), said, tuple(pictures))


def _bytes(path: Path) -> bytes:
    most = MOST_TEXT if path.suffix.lower() == ".toml" else MOST_PICTURE
    try:
        if path.stat().st_size > most:
            raise WrongUse(f"{path} has over {most >> 10} KB; make it smaller")
        return path.read_bytes()
    except OSError as error:
        raise WrongUse(f"{path} cannot be read: {error.strerror}; {advice(error)}") from None


def _media(path: Path, data: bytes) -> str:
    media, start = _PICTURES[path.suffix.lower()]
    if not data.startswith(start) or (media == "image/webp" and data[8:12] != b"WEBP"):
        raise WrongUse(f"{path} is no {media.partition('/')[2].upper()} picture; save it as one")
    return media


def _fields(file: TomlFile) -> dict[str, str]:
    found: dict[str, str] = {}
    _flatten(file, file.data, "", found)
    return found


def _flatten(file: TomlFile, table: Mapping[str, Any], above: str, found: dict[str, str]) -> None:
    for key, value in table.items():
        name = f"{above}.{key}" if above else key
        if isinstance(value, dict):
            _flatten(file, value, name, found)
            continue
        try:
            found[name] = checked(name, _as_text(value))
        except ValueError as error:
            raise file.bad(above, key, str(error)) from None


def _as_text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        if any("," in one or "，" in one or "、" in one for one in value):
            raise ValueError("an entry of a list holds a comma; write two entries")
        return ", ".join(value)
    raise ValueError("must be a text, a whole number or a list of texts")


def note_cast(log: Log, artifacts: Artifacts, folder: Path, series: str, by: str) -> list[CharacterWritten]:
    """Records what the files of `folder` say that the series does not know yet, and what is gone from them.

    Raises as `read_cast`, before anything is written.
    """
    stream = f"series/{series}"
    known: dict[str, CharacterWritten] = {}
    for record in log.read(stream=stream, kind="character_written"):
        known[record.event.source] = record.event
    files = read_cast(folder, series)
    news = [
        CharacterWritten(
            series,
            one.character,
            one.source,
            one.digest,
            one.fields,
            tuple(artifacts.put(data, media) for data, media in one.pictures),
        )
        for one in files
        if (last := known.get(one.source)) is None or last.digest != one.digest
    ]
    there = {one.source for one in files}
    news += [
        CharacterWritten(series, last.character, source, "", {})
        for source, last in known.items()
        if source != "command" and source not in there and last.digest
    ]
    if news:
        log.append(stream, news, by=by)
    return news
