"""From a script file's bytes to a Screenplay: what contains it, its layout's reader, its scenes."""

from __future__ import annotations

from ....core.source import FORMATS
from . import model
from .assembling import assembled
from .chinese import read_chinese
from .covering import covered
from .detect import detect_language, layout_of
from .fountain import read_fountain
from .markdown import read_markdown
from .model import Reading, Screenplay, ScriptError
from .plain import columns_of, read_plain
from .series import cut_out
from .sheet import Sheet, open_sheet, sheet_of
from .typed import read_typed

__all__ = ["FORMATS", "parse", "read", "read_sheet"]

_HELP = {
    "chinese": "start each scene with a line such as `1-1 夜 内 茶馆`",
    "markdown": "start each scene with a line such as `## INT. TEAHOUSE - NIGHT`",
    "typed": "give each scene's first paragraph the style Scene Heading",
}
_HELP_ELSE = "start each scene with a line such as `INT. TEAHOUSE - NIGHT`"
_SHOWN = {"columns": "plain"}


def read(
    data: bytes,
    format: str = "",
    file: str = "the script",
    language: str = "auto",
    os: str = "inner",
    number: int = 0,
) -> Screenplay:
    """Reads a script file's bytes. `format`: "" or auto = detect; `language`: auto | zh | en.

    `os`: inner | off, what OS means in the short-drama layout. `number` is an episode's in a file of several:
    it is read with the file's head, and its elements keep their places in the file; 0 = the whole file.
    Raises ScriptError for what is empty, binary, too big, or has no scene.
    """
    _check(format, file)
    return read_sheet(open_sheet(data, format, file), format, file, language, os, number)


def parse(
    text: str, format: str = "", file: str = "the script", language: str = "auto", os: str = "inner"
) -> Screenplay:
    """Reads a script's text; linear in its length. Raises ScriptError, and nothing else, for any text."""
    _check(format, file)
    return read_sheet(sheet_of(text, format, file), format, file, language, os)


def _check(format: str, file: str) -> None:
    if format and format not in FORMATS:
        raise ScriptError(f"{file}: no format {format!r}; there are: {', '.join(FORMATS)}")


def read_sheet(
    sheet: Sheet, format: str, file: str, language: str = "auto", os: str = "inner", number: int = 0
) -> Screenplay:
    """Reads a file that was opened, as `read` does."""
    layout = layout_of(sheet, format)
    if number:
        sheet = cut_out(sheet, layout, number, file)
    size = sum(map(len, sheet.lines))
    if size > model.MAX_BYTES:
        raise ScriptError(
            f"{file}: {size:,} characters are more than {model.MAX_BYTES:,}; mark its episodes and make some "
            "of them: duanju produce --episodes"
        )
    spoken = detect_language("\n".join(sheet.lines)) if language not in ("zh", "en") else language
    reading = covered(_reading(sheet, layout, os), sheet.lines)
    if not any(one.type == "heading" for one in reading.elements):
        named = _SHOWN.get(layout, sheet.container if layout == "typed" else layout)
        other = "fountain" if layout == "chinese" else "chinese"
        hint = f"; or, if it is {other}, say so with the format" if format in ("", "auto") else ""
        raise ScriptError(
            f"{file}, {sheet.unit} 1 to {max(1, len(sheet.lines))}: no scene in it (read as {named}); "
            f"{_HELP.get(layout, _HELP_ELSE)}{hint}"
        )
    shown = layout if sheet.container == "text" else sheet.container
    return assembled(file, shown, spoken, reading, len(sheet.lines), sheet.unit)


def _reading(sheet: Sheet, layout: str, os: str) -> Reading:
    """What the layout's reader makes of the lines."""
    lines = list(sheet.lines)
    if layout == "chinese":
        return read_chinese(lines, os)
    if layout == "typed":
        known = list(sheet.typed or ())
        title = next((one.text.strip() for one in known if one.kind == "title" and one.text.strip()), "")
        return read_typed(known, title)
    if layout == "markdown":
        title, typed = read_markdown(lines)
        return read_typed(typed, title)
    if layout in ("plain", "columns"):
        placed = [columns_of(line) for line in lines]
        if sheet.columns:
            placed = [(text, at + more) for (text, at), more in zip(placed, sheet.columns, strict=True)]
        title, typed = read_plain(placed, loose=layout == "columns")
        return read_typed(typed, title)
    return read_fountain(lines)
