"""The first look at a script file: can it be read at all, and what does it call itself."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from .errors import WrongUse, advice

__all__ = ["MOST_BYTES", "read_source", "safe_name", "title_of"]

MOST_BYTES = 4 << 20
_TITLE = re.compile(
    r"^\s*(?:Title|TITLE|title|标题|剧名)\s*[:：]\s*(\S[^\r\n]{0,200})|《([^》\r\n]{1,80})》", re.MULTILINE
)
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|]+")


def read_source(path: Path) -> bytes:
    """The bytes of a script. Raises WrongUse for no file, a folder, an empty or binary or huge one."""
    try:
        if path.is_dir():
            raise WrongUse(f"{path} is a folder; name a script file in it")
        if path.stat().st_size > MOST_BYTES:
            raise WrongUse(f"{path} has over {MOST_BYTES >> 20} MB; a script is text, split it into episodes")
        data = path.read_bytes()
    except FileNotFoundError:
        raise WrongUse(f"{path}: no such file; check the path") from None
    except OSError as error:
        raise WrongUse(f"{path} cannot be read: {error.strerror}; {advice(error)}") from None
    if not data.strip():
        raise WrongUse(f"{path} is empty; write at least one scene")
    if b"\0" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        line = data[: data.index(b"\0")].count(b"\n") + 1
        raise WrongUse(f"{path}, line {line}: this is no text (it holds zero bytes); give a script as text")
    return data


def decoded(data: bytes) -> str:
    """Text in UTF-8, UTF-16 with its mark, or GB18030; what fits none of them reads with marks for errors."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace")


def title_of(data: bytes) -> str:
    """What the script calls itself in its first lines; "" where it does not."""
    head = "\n".join(decoded(data[: 1 << 16]).splitlines()[:20])
    found = _TITLE.search(head)
    return (found[1] or found[2]).strip(' _*"“”') if found else ""


def safe_name(text: str) -> str:
    """A name that is safe as a folder's: NFC, no separators, at most 80 characters; "" if none is left."""
    name = _UNSAFE.sub("-", unicodedata.normalize("NFC", text))
    name = "".join(c for c in name if unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    return name.strip(" .-")[:80].strip(" .-")
