"""A script file as a person hands it in, and which of its episodes are meant."""

from __future__ import annotations

import re
from pathlib import Path

from attrs import frozen

from .contents import Contents, Excerpt, contents_of
from .errors import WrongUse
from .plugins import Plugins
from .settings import Settings
from .source import read_source, safe_name

__all__ = ["Manuscript", "picked", "read_manuscript"]

_RANGE = re.compile(r"\s*(\d{1,5})\s*(?:[-–~]\s*(\d{1,5})\s*)?$")
_MOST_SHOWN = 20


@frozen
class Manuscript:
    """A script file, read: its path, bytes, contents, and the format that it was said to have ("" = none)."""

    path: Path
    data: bytes
    contents: Contents
    form: str = ""

    @property
    def file(self) -> str:
        """The file's name as text."""
        return text_of(self.path.name)

    def title(self, number: int = 0) -> str:
        """The title of the file, or of one of its episodes."""
        whole = self.contents.title or text_of(self.path.stem)
        own = self.excerpt(number)
        return f"{whole} - {own.title or number}" if own is not None else whole

    def excerpt(self, number: int) -> Excerpt | None:
        """The episode of a number; None for 0, the whole file, and where there is none."""
        return next((one for one in self.contents.episodes if one.number == number and number), None)

    def stream(self, settings: Settings, number: int = 0) -> str:
        """The stream of the file's episode, or of one of them. Raises WrongUse for a name of no letters."""
        name = safe_name(self.path.stem)
        if not name:
            raise WrongUse(f"{self.path}: its name cannot name an episode; rename the file")
        whole = self.contents.title or text_of(self.path.stem)
        series = safe_name(settings.series or whole) or name
        return f"episode/{series}/{name}-{number:02d}" if number else f"episode/{series}/{name}"


def text_of(name: str) -> str:
    """A file name as text: bytes that are no UTF-8, which the log cannot hold, as their escapes."""
    return name.encode("utf-8", "backslashreplace").decode()


def read_manuscript(plugins: Plugins, path: Path, form: str = "") -> Manuscript:
    """Reads a script file. Raises WrongUse for no file, and for one that is no script."""
    data = read_source(path)
    return Manuscript(path, data, contents_of(plugins, data, str(path), form), form)


def picked(script: Manuscript, episodes: str | None, command: str = "duanju produce") -> list[int]:
    """The numbers of the episodes that `--episodes` names (`all`, `3`, `1-3,5`), in the file's order.

    [0] = the whole file, where it holds one and none is asked for. Raises WrongUse for a file with several
    and no choice, for a choice in a file without marks, for a number that is not there, that is there twice,
    that has no scene, and for a scene that belongs to no episode.
    """
    found, unit = script.contents.episodes, script.contents.unit
    if episodes is None and len(found) < 2:
        return [0]
    if not found:
        raise WrongUse(
            f"--episodes {episodes}: {script.path} has no marks of episodes; write one above each (第1集, "
            "Episode 1), or leave out --episodes"
        )
    if episodes is None:
        raise WrongUse(
            f"{script.path} holds {len(found)} episodes ({_shown(found)}); say which to make: "
            f"{command} {script.path} --episodes all"
        )
    seen: dict[int, Excerpt] = {}
    for one in found:
        first = seen.setdefault(one.number, one)
        if first is not one:
            raise WrongUse(
                f"{script.path}: episode {one.number} begins twice, on {unit} {first.first} and on {unit} "
                f"{one.first}; give one of them another number"
            )
    if script.contents.loose:
        raise WrongUse(
            f"{script.path}, {unit} {script.contents.loose}: a scene above the mark of the first episode "
            f"({unit} {found[0].first}); write a mark above it as well"
        )
    wanted = set(seen) if episodes.strip().lower() == "all" else _numbers(episodes)
    missing = sorted(wanted - set(seen))
    if missing:
        raise WrongUse(
            f"--episodes {episodes}: {script.path} has no episode "
            f"{', '.join(map(str, missing[:_MOST_SHOWN]))}; there are: {_shown(found)}"
        )
    chosen = [one for one in found if one.number in wanted]
    for one in chosen:
        if not one.scenes:
            raise WrongUse(
                f"{script.path}, {unit} {one.first}: there is no scene in episode {one.number}; write one, "
                "or leave it out"
            )
    return [one.number for one in chosen]


def _numbers(text: str) -> set[int]:
    """`1-3,5` -> {1, 2, 3, 5}. Raises WrongUse for anything else."""
    numbers: set[int] = set()
    for piece in re.split("[,，、]", text):
        match = _RANGE.match(piece)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if first > last:
            raise WrongUse(f"--episodes {text}: write all, or numbers and ranges such as 1-3,5")
        numbers.update(range(first, last + 1))
    return numbers


def _shown(episodes: tuple[Excerpt, ...]) -> str:
    """Numbers as ranges, in order: `1-10, 12`."""
    numbers = sorted({one.number for one in episodes})
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    words = [str(a) if a == b else f"{a}-{b}" for a, b in runs]
    more = ", ..." if len(words) > _MOST_SHOWN else ""
    return ", ".join(words[:_MOST_SHOWN]) + more
