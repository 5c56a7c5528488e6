"""Writes a script in another layout into a file, and tells what that layout had no place for."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from ....core.errors import WrongUse, advice
from ....core.words import warn
from .loading import load
from .model import Screenplay
from .writing_out.blocks import Written

__all__ = ["LAYOUTS", "converted", "written"]

LAYOUTS = ("fountain", "chinese", "json")
_MOST_TOLD = 20


def written(script: Screenplay, to: str) -> Written:
    """A script in a layout. Raises WrongUse for a layout that there is not."""
    if to == "fountain":
        from .writing_out.fountain import write_fountain

        return write_fountain(script)
    if to == "chinese":
        from .writing_out.chinese import write_chinese

        return write_chinese(script)
    if to == "json":
        from .writing_out.json import write_json

        return Written(write_json(script), ())
    raise WrongUse(f"--to {to}: it must be one of: {', '.join(LAYOUTS)}")


def converted(file: Path, to: str, out: Path | None, force: bool, how: tuple[str, str, str]) -> None:
    """Reads `file` as `how` says (format, language, os) and writes it to `out`, or to standard output.

    Raises WrongUse for what cannot be read or written, and for a file that is there unless `force`.
    """
    if to not in LAYOUTS:
        raise WrongUse(f"--to {to}: it must be one of: {', '.join(LAYOUTS)}")
    if out is not None and not force and out.exists():
        raise WrongUse(f"{out} is there already; choose another name, or write over it with --force")
    ((_, script),) = load(file, *how)
    made = written(script, to)
    _tell(script, made)
    if out is None:
        sys.stdout.write(made.text)
    else:
        _save(out, made.text, force)


def _save(out: Path, text: str, force: bool) -> None:
    """Whole or not at all; without `force` never over a file that appeared meanwhile."""
    part = out.with_name(f".{out.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        if force:
            part.replace(out)
        else:
            out.hardlink_to(part)
            part.unlink()
    except FileExistsError:
        part.unlink(missing_ok=True)
        raise WrongUse(
            f"{out} is there already; choose another name, or write over it with --force"
        ) from None
    except OSError as error:
        part.unlink(missing_ok=True)
        raise WrongUse(f"{out} cannot be written: {error.strerror}; {advice(error)}") from None


def _tell(script: Screenplay, made: Written) -> None:
    """What could not be written as what it is."""
    if made.kept:
        counts = Counter((one.element.type, one.became) for one in made.kept)
        words = (f"{count} {kind} as {became}" for (kind, became), count in sorted(counts.items()))
        warn(f"duanju: the layout cannot hold all of it as it is; kept otherwise: {', '.join(words)}"[:900])
        for one in made.kept[:_MOST_TOLD]:
            warn(f"  line {one.element.first}: {one.element.type} as {one.became}: {one.element.text[:60]}")
    if script.unmapped:
        lines = ", ".join(str(one.number) for one in script.unmapped[:_MOST_TOLD])
        warn(f"duanju: {len(script.unmapped)} lines of the source are not mapped and not written: {lines}")
