"""The first look at a script file: can it be read at all, as what, and what does it call itself."""

from __future__ import annotations

import codecs
import re
import unicodedata
from pathlib import Path

from .errors import WrongUse, advice

__all__ = [
    "FORMATS",
    "MOST_BYTES",
    "check_format",
    "decoded",
    "is_zip",
    "read_source",
    "safe_name",
    "title_of",
]

FORMATS = ("auto", "fountain", "fdx", "chinese", "docx", "plain", "markdown")
"""The formats that a script may be said to have; `auto` looks for itself."""
MOST_BYTES = 4 << 20
MOST_ZIPPED = 32 << 20
_TITLE = re.compile(
    r"^\s*(?:Title|TITLE|title|标题|剧名)\s*[:：]\s*(\S[^\r\n]{0,200})|《([^》\r\n]{1,80})》", re.MULTILINE
)
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|]+")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAVE = "save the script as plain text (UTF-8) and try again"
_OTHERS = (
    (b"%PDF", "a PDF; write the script out as .fdx, .docx, .fountain or text and give that"),
    (b"\xd0\xcf\x11\xe0", "a document of an old Word; save it as .docx and give that"),
    (b"{\\rtf", "a document in RTF; save it as .docx or as text and give that"),
)
_LOOKED_AT = 20_000
_ZIP = b"PK\x03\x04"


def check_format(form: str | None) -> str:
    """What `--format` says, "" where it says nothing. Raises WrongUse for another word."""
    if form is not None and form not in FORMATS:
        raise WrongUse(f"--format {form}: no such format; there are: {', '.join(FORMATS)}")
    return "" if form in (None, "auto") else str(form)


def is_zip(data: bytes) -> bool:
    """Whether the bytes are an archive, as a Word document is."""
    return data.startswith(_ZIP)


def read_source(path: Path) -> bytes:
    """The bytes of a script. Raises WrongUse for no file, a folder, an empty or binary or huge one."""
    try:
        if path.is_dir():
            raise WrongUse(f"{path} is a folder; name a script file in it")
        if path.stat().st_size > MOST_ZIPPED:
            raise WrongUse(f"{path} has over {MOST_ZIPPED >> 20} MB; a script is text, split it")
        data = path.read_bytes()
    except FileNotFoundError:
        raise WrongUse(f"{path}: no such file; check the path") from None
    except OSError as error:
        raise WrongUse(f"{path} cannot be read: {error.strerror}; {advice(error)}") from None
    if not data.strip():
        raise WrongUse(f"{path} is empty; write at least one scene")
    if not is_zip(data):
        decoded(data, str(path))
    return data


def decoded(data: bytes, file: str = "the script") -> str:
    """The text of UTF-8, UTF-16 or UTF-32, with a byte order mark or without, or of GB18030.

    Raises WrongUse, with the line, for what is none of them, empty, too big, or no text at all.
    """
    if len(data) > MOST_BYTES:
        raise WrongUse(
            f"{file}: {len(data):,} bytes are more than {MOST_BYTES:,}; split the script into several files"
        )
    for start, what in _OTHERS:
        if data.startswith(start):
            raise WrongUse(f"{file}, line {_line_of(data, _end(data))}: this is no text but {what}")
    for mark, name in _BOMS:
        if data.startswith(mark):
            try:
                text = data[len(mark) :].decode(name)
            except UnicodeDecodeError as error:
                line = _line_of(data, error.start + len(mark))
                raise WrongUse(f"{file}, line {line}: marked as {name} but is not; {_SAVE}") from None
            return _plain(text, file)
    if b"\0" in data:
        wide = _without_mark(data)
        if wide is None:
            line = _line_of(data, data.index(b"\0"))
            raise WrongUse(f"{file}, line {line}: this is no text but a binary file; {_SAVE}")
        return _plain(wide, file)
    try:
        return _plain(data.decode("utf-8"), file)
    except UnicodeDecodeError as error:
        where = _line_of(data, error.start)
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        raise WrongUse(f"{file}, line {where}: neither UTF-8 nor GB18030; {_SAVE}") from None
    return _plain(text, file)


def _without_mark(data: bytes) -> str | None:
    """UTF-32 or UTF-16 that no mark announces: the zero bytes stand where those of ASCII would; else None."""
    zeros = [data[place::4].count(0) for place in range(4)]
    names = []
    if len(data) % 4 == 0:
        names += ["utf-32-le"] if zeros[3] * 4 == len(data) else []
        names += ["utf-32-be"] if zeros[0] * 4 == len(data) else []
    if len(data) % 2 == 0:
        # Both may have zeros: the sign for one, U+4E00, is no mark of an order.
        low, high = zeros[1] + zeros[3], zeros[0] + zeros[2]
        names += ["utf-16-le", "utf-16-be"] if low >= high else ["utf-16-be", "utf-16-le"]
    for name in names:
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if _is_written(text):
            return text
    return None


def _is_written(text: str) -> bool:
    """Whether chance alone does not make such a text: lines, plain letters or signs, nothing unassigned."""
    odd = sum(unicodedata.category(char) in ("Cn", "Co", "Cs") for char in text[:_LOOKED_AT])
    low = sum(char < "\x7f" for char in text[:_LOOKED_AT])
    return low >= 3 and "\n" in text.replace("\r", "\n") and not odd and _CONTROL.search(text) is None


def _line_of(data: bytes, place: int) -> int:
    return data.count(b"\n", 0, place) + 1


def _end(data: bytes) -> int:
    zero = data.find(b"\0")
    return zero if zero >= 0 else 0


def _plain(text: str, file: str) -> str:
    if not text.strip("\ufeff \t\r\n\f\v\u3000"):
        raise WrongUse(f"{file}, line 1: the script is empty; write a scene heading and what happens in it")
    controls = _CONTROL.findall(text)
    if len(controls) > max(4, len(text) // 200):
        raise WrongUse(f"{file}, line 1: full of control characters, so no script; {_SAVE}")
    return text


def title_of(text: str) -> str:
    """What a script's text calls itself in its first lines; "" where it does not."""
    head = "\n".join(text[: 1 << 15].splitlines()[:20])
    found = _TITLE.search(head)
    return (found[1] or found[2]).strip(' _*"“”') if found else ""


def safe_name(text: str) -> str:
    """A name that is safe as a folder's: NFC, no separators, at most 80 characters; "" if none is left."""
    name = _UNSAFE.sub("-", unicodedata.normalize("NFC", text))
    name = "".join(c for c in name if unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    return name.strip(" .-")[:80].strip(" .-")
