"""A script file opened: its lines, or its paragraphs where it is no text, and what is known of each."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve, field, frozen

from ....core.errors import WrongUse
from ....core.source import decoded, is_zip
from .docx import Paragraph, is_styled, read_docx, styled
from .fdx import is_fdx, read_fdx
from .model import ScriptError
from .plain import guess, numbered_heading
from .typed import Typed

__all__ = ["Sheet", "decode", "open_sheet", "sheet_of", "split_lines"]


@frozen
class Sheet:
    """What is in a file. `lines` are numbered from 1 and counted in `unit`: line | paragraph.

    `container`: text | fdx | docx. `typed` are the lines' kinds where the file itself says them, else None;
    `columns` says how far each line of a Word document is from its margin.
    """

    lines: tuple[str, ...]
    unit: str
    container: str
    typed: tuple[Typed, ...] | None = None
    columns: tuple[int, ...] = field(default=())

    def only(self, keep: Sequence[tuple[int, int]]) -> Sheet:
        """The same file with every line outside of these spans (from, to; from 1) blank, none moved."""
        inside = [False] * (len(self.lines) + 2)
        for first, last in keep:
            inside[first : last + 1] = [True] * len(inside[first : last + 1])
        lines = tuple(line if inside[n] else "" for n, line in enumerate(self.lines, 1))
        typed = None if self.typed is None else tuple(one for one in self.typed if inside[one.number])
        return evolve(self, lines=lines, typed=typed)


def split_lines(text: str) -> list[str]:
    """The source lines as an editor counts them: LF, CRLF and CR end one; a last empty one is none."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return lines


def decode(data: bytes, file: str = "the script") -> str:
    """The text of a script's bytes, as the core decodes them. Raises ScriptError."""
    try:
        return decoded(data, file)
    except WrongUse as error:
        raise ScriptError(str(error)) from None


def open_sheet(data: bytes, format: str = "", file: str = "the script") -> Sheet:
    """Opens a file by what is in it. Raises ScriptError for what cannot be read or is of another format."""
    if is_zip(data):
        if format == "fdx":
            raise ScriptError(f"{file}: this is no Final Draft file but an archive; leave out the format")
        return _of_word(read_docx(data, file))
    if format == "docx":
        raise ScriptError(f"{file}: this is no Word document (.docx); leave out the format, or say another")
    return sheet_of(decode(data, file), format, file)


def sheet_of(text: str, format: str = "", file: str = "the script") -> Sheet:
    """The lines of a text, or the paragraphs of Final Draft's XML. Raises as `open_sheet` does."""
    if not is_fdx(text):
        if format == "fdx":
            raise ScriptError(
                f"{file}: this is no Final Draft file (.fdx); leave out the format, or say another"
            )
        return Sheet(tuple(split_lines(text)), "line", "text")
    if format not in ("", "auto", "fdx"):
        raise ScriptError(
            f"{file}: this is a Final Draft file and no {format}; leave out the format, or say fdx"
        )
    typed = tuple(read_fdx(text, file))
    return Sheet(tuple(one.text for one in typed), "paragraph", "fdx", typed)


def _told(one: Typed) -> Typed:
    """A styled paragraph with its scene's number apart; one without a style as what it looks like."""
    if one.kind == "heading":
        heading, scene = numbered_heading(one.text.strip())
        return evolve(one, text=heading, scene=scene)
    return guess(one.number, one.text) if one.kind == "unknown" and one.text.strip() else one


def _of_word(paragraphs: list[Paragraph]) -> Sheet:
    typed = None
    if is_styled(paragraphs):
        typed = tuple(map(_told, styled(paragraphs)))
    lines = tuple(one.text for one in paragraphs)
    return Sheet(lines, "paragraph", "docx", typed, tuple(one.column for one in paragraphs))
