"""Reads the top-level boxes of an mp4: enough to say whether it plays before the whole file has come."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import NamedTuple

from .errors import FilmError

MAX_ATOMS = 4096


class Atom(NamedTuple):
    """A box: its four-letter kind, where it starts and how many bytes it has."""

    kind: str
    offset: int
    size: int


def atoms(path: Path) -> list[Atom]:
    """Top-level boxes in file order (ISO/IEC 14496-12, 4.2); FilmError if a size is impossible or passes the
    end."""
    found: list[Atom] = []
    try:
        total = path.stat().st_size
        with path.open("rb") as file:
            at = 0
            while at < total:
                if len(found) >= MAX_ATOMS:
                    raise FilmError(f"{path.name} has more than {MAX_ATOMS} boxes: no film")
                file.seek(at)
                head = file.read(16)
                if len(head) < 8:
                    raise FilmError(f"{path.name} ends inside a box header at byte {at}")
                size, kind = struct.unpack(">I4s", head[:8])
                least = 8
                if size == 1:
                    if len(head) < 16:
                        raise FilmError(f"{path.name} ends inside a box header at byte {at}")
                    (size,) = struct.unpack(">Q", head[8:16])
                    least = 16
                elif size == 0:
                    size = total - at  # to the end of the file
                if size < least or at + size > total:
                    raise FilmError(
                        f"{path.name} has a box of {size} bytes at byte {at} of {total}: truncated or no mp4"
                    )
                found.append(Atom(kind.decode("latin-1"), at, size))
                at += size
    except OSError as err:
        raise FilmError(f"cannot read {path.name}: {err}") from err
    if not found:
        raise FilmError(f"{path.name} is empty")
    return found


def is_faststart(listed: list[Atom]) -> bool:
    """Whether the index (moov) comes before the media (mdat)."""
    kinds = [atom.kind for atom in listed]
    return "moov" in kinds and "mdat" in kinds and kinds.index("moov") < kinds.index("mdat")
