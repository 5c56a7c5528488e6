"""Reads a Word document's paragraphs: their text, their styles' names, and how far they are indented."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping

from attrs import define, field, frozen

from .model import MAX_PARAGRAPHS, ScriptError
from .typed import Typed
from .xml_walk import walk

__all__ = ["Paragraph", "is_styled", "read_docx", "styled"]

MOST_ENTRIES = 10_000
MOST_XML = 24 << 20  # bytes, unpacked, of the one part that is read at a time
TWIPS = 144  # a twentieth of a point; so many are a column of ten to the inch
CENTRED = 25  # the column of what stands in the middle
_DOCUMENT = "word/document.xml"
_STYLES = "word/styles.xml"
_HIDDEN = ("Fallback", "del", "moveFrom", "instrText", "delText", "footnote", "comment")
_KINDS = {
    "scene heading": "heading", "sceneheading": "heading", "slugline": "heading", "slug line": "heading",
    "scene": "heading", "场景": "heading", "场景标题": "heading", "场次": "heading",
    "action": "action", "description": "action", "动作": "action", "舞台提示": "action",
    "character": "character", "character name": "character", "人物": "character", "角色": "character",
    "dialogue": "dialogue", "dialog": "dialogue", "speech": "dialogue", "对白": "dialogue",
    "台词": "dialogue", "对话": "dialogue",
    "parenthetical": "parenthetical", "parentheses": "parenthetical", "括号": "parenthetical",
    "transition": "transition", "转场": "transition",
    "lyrics": "lyric", "lyric": "lyric", "shot": "cue", "title": "title", "subtitle": "title",
    "act": "section", "new act": "section", "section": "section", "synopsis": "synopsis",
    "general": "action",
}  # fmt: skip


@frozen
class Paragraph:
    """A paragraph, or a part of one up to a line break; `style` in small letters, `column` of its text."""

    text: str
    style: str = ""
    column: int = 0


@define
class _Open:
    texts: list[str] = field(factory=list)
    style: str = ""
    column: int = 0


def _part(archive: zipfile.ZipFile, name: str, file: str) -> bytes:
    """One part of the archive, unpacked. Raises ScriptError for one that is too big, damaged or locked."""
    info = archive.getinfo(name)
    if info.flag_bits & 1:
        raise ScriptError(f"{file}: the document is locked with a password; take it off and save it again")
    if info.file_size > MOST_XML:
        raise ScriptError(f"{file}: {name} unpacks to {info.file_size:,} bytes, more than {MOST_XML:,}")
    try:
        with archive.open(info) as opened:
            data = opened.read(MOST_XML + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError) as error:
        raise ScriptError(f"{file}: {name} in it is damaged ({error}); save it again as .docx") from None
    if len(data) > MOST_XML:
        raise ScriptError(f"{file}: {name} unpacks to more than {MOST_XML:,} bytes; split the script")
    return data


def read_docx(data: bytes, file: str) -> list[Paragraph]:
    """The paragraphs in order, blank ones too; a line break within one begins the next.

    Raises ScriptError for an archive that is no Word document, and for one that is damaged, locked or a bomb.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if len(names) > MOST_ENTRIES:
                raise ScriptError(f"{file}: an archive of {len(names):,} files is no Word document")
            if _DOCUMENT not in names:
                raise ScriptError(
                    f"{file}: an archive that is no Word document (.docx); save the script as .docx or text"
                )
            styles = _styles(_part(archive, _STYLES, file), file) if _STYLES in names else {}
            body = _Body(styles, file)
            walk(_part(archive, _DOCUMENT, file), body.start, body.end, body.text, file, "the Word document")
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        if isinstance(error, ScriptError):
            raise
        raise ScriptError(f"{file}: a damaged archive ({error}); save the script again as .docx") from None
    return body.paragraphs


def _styles(xml: bytes, file: str) -> dict[str, str]:
    """Style id -> its name in small letters."""
    names: dict[str, str] = {}
    current = ""

    def start(name: str, attributes: Mapping[str, str]) -> None:
        nonlocal current
        if name == "style":
            current = attributes.get("styleId", "")
        elif name == "name" and current:
            names.setdefault(current, attributes.get("val", "").strip().lower())

    walk(xml, start, lambda name: None, lambda text: None, file, "the Word document")
    return names


class _Body:
    def __init__(self, styles: Mapping[str, str], file: str) -> None:
        self.paragraphs: list[Paragraph] = []
        self._styles, self._file = styles, file
        self._open: list[_Open] = []
        self._hidden = 0
        self._inside = 0  # within w:t

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """A paragraph, a property of it, or a mark in its text."""
        if name in _HIDDEN:
            self._hidden += 1
        if self._hidden:
            return
        value = attributes.get("val", "")
        if name == "p":
            self._open.append(_Open())
        elif not self._open:
            return
        elif name == "pStyle":
            self._open[-1].style = self._styles.get(value, value).strip().lower()
        elif name == "ind":
            self._open[-1].column += _columns(attributes)
        elif name == "jc" and value == "center":
            self._open[-1].column += CENTRED
        elif name == "t":
            self._inside += 1
        elif name == "tab":
            # A tab stop in the properties stands within w:tabs and has a place; a typed one has none.
            if "pos" not in attributes:
                self._open[-1].texts.append("\t")
        elif name in ("br", "cr"):
            self._open[-1].texts.append("\n")
        elif name == "noBreakHyphen":
            self._open[-1].texts.append("-")

    def end(self, name: str) -> None:
        """A paragraph closes."""
        if name in _HIDDEN:
            self._hidden -= 1
        elif self._hidden or not self._open:
            return
        elif name == "t":
            self._inside -= 1
        elif name == "p":
            done = self._open.pop()
            for text in "".join(done.texts).split("\n"):
                self.paragraphs.append(Paragraph(text, done.style, done.column))
            if len(self.paragraphs) > MAX_PARAGRAPHS:
                raise ScriptError(f"{self._file}: more than {MAX_PARAGRAPHS:,} paragraphs; split the script")

    def text(self, characters: str) -> None:
        """Letters count only inside w:t."""
        if self._inside and not self._hidden and self._open:
            self._open[-1].texts.append(characters.replace("\r", "\n"))


def _columns(attributes: Mapping[str, str]) -> int:
    """The columns of w:ind; what is no number is none."""
    text = attributes.get("left") or attributes.get("start") or "0"
    try:
        return max(0, min(round(float(text)) // TWIPS, 80))
    except (ValueError, OverflowError):
        return 0


def is_styled(paragraphs: list[Paragraph]) -> bool:
    """Whether a screenwriter's styles say who speaks: one of a character, and one of what is said."""
    kinds = {_KINDS.get(one.style, "") for one in paragraphs if one.text.strip()}
    return {"character", "dialogue"} <= kinds


def styled(paragraphs: list[Paragraph]) -> list[Typed]:
    """The paragraphs with the kinds that their styles say; one without such a style is `unknown`."""
    return [
        Typed(number, _KINDS.get(one.style, "unknown"), one.text) for number, one in enumerate(paragraphs, 1)
    ]
