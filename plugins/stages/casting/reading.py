"""What `duanju cast` reads: a series' cast as it stands, and which character a person means."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from ....core.episode import Series
from ....core.errors import NoSuchEpisode, WrongUse
from ....core.folds import Folds
from ....core.log import Log
from ....core.naming import Names, name_key, names_of
from ....core.plugins import Plugins
from ....core.settings import Settings
from ....core.studio import Studio, find_studio
from ....events.cast import CharacterCast, CharacterChanged, CharacterWritten
from .changing import changed

__all__ = ["Bible", "bible_of", "person_in", "series_in", "studio_here", "working"]


@frozen
class Bible:
    """A series' cast: its fold, the aliases in force, and everybody as the next request will have it."""

    series: str
    fold: Series
    names: Names
    cast: dict[str, CharacterCast | CharacterChanged]

    @property
    def written(self) -> list[str]:
        """The names that a person wrote about and that nobody cast yet."""
        there = {name_key(name) for name in self.cast}
        found = [one.character for one in self.fold.all(CharacterWritten) if one.digest or one.fields]
        return sorted({one for one in found if name_key(self.names.means(one)) not in there})

    def meant(self, name: str) -> str:
        """The character that a name means, cast or only written of. Raises WrongUse, with the candidates."""
        key = name_key(self.names.means(name))
        known = [*self.cast, *self.written]
        found = next((one for one in known if name_key(one) == key), None)
        if found is not None:
            return found
        near = [one for one in known if name_key(name) in name_key(one)]
        shown = ", ".join((near or known)[:20]) or "nobody yet"
        raise WrongUse(f"no character {name!r} in {self.series}; there are: {shown}")


def studio_here(given: Path | None) -> Studio:
    """The studio that a command means. Raises WrongUse where there is none."""
    root = find_studio(given, Path.cwd())
    if root is None:
        raise WrongUse(
            "no studio here: neither this folder, nor one above it, nor ./studio has a duanju.toml; "
            "name one with --studio DIR, or make one: duanju new"
        )
    return Studio(root)


@contextmanager
def working(studio: Studio, *, write: bool) -> Iterator[tuple[Log, Plugins, Settings]]:
    """The studio's log with its plugins and settings. Raises WrongUse where there is no log."""
    settings = studio.settings()
    if not studio.has_log():
        raise NoSuchEpisode(f"{studio.root} has no log yet; make an episode first: duanju produce SCRIPT")
    plugins = studio.plugins(settings)
    try:
        with studio.log(plugins, write=write) as log:
            yield log, plugins, settings
    finally:
        plugins.close()


def series_in(log: Log) -> list[str]:
    """The names of all series that have a cast or an episode."""
    streams = [*log.streams("series/"), *log.streams("episode/")]
    return sorted({one.split("/")[1] for one in streams})


def bible_of(studio: Studio, log: Log, settings: Settings, series: str) -> Bible:
    """The cast of a series as it stands now, with what was written and not answered yet."""
    folds = Folds(log, studio.artifacts.read_sha256)
    fold = folds.series(f"series/{series}", log.head)
    names = names_of(fold, settings.cast.aliases)
    cast = dict(fold.cast)
    written = fold.all(CharacterWritten)
    for name in cast:
        mine = [one for one in written if name_key(names.means(one.character)) == name_key(name)]
        for new in changed(mine[-1], fold, name, names) if mine else ():
            cast[name] = new
    own = {name: one for name, one in cast.items() if not names.is_alias(name)}
    return Bible(series, fold, names, own)


def person_in(
    studio: Studio, log: Log, settings: Settings, name: str, series: str | None
) -> tuple[Bible, str]:
    """The bible and the character that a name means: NAME, or SERIES/NAME where several have one.

    Raises WrongUse for nobody and for several, with the candidates.
    """
    there = series_in(log)
    if series is None and "/" in name and name.split("/", 1)[0] in there:
        series, name = name.split("/", 1)
    if series is not None:
        if series not in there:
            raise WrongUse(f"no series {series!r}; there are: {', '.join(there) or 'none yet'}")
        bible = bible_of(studio, log, settings, series)
        return bible, bible.meant(name)
    bibles = [bible_of(studio, log, settings, one) for one in there]
    if len(bibles) == 1:
        return bibles[0], bibles[0].meant(name)
    found: list[tuple[Bible, str]] = []
    for bible in bibles:
        try:
            found.append((bible, bible.meant(name)))
        except WrongUse:
            continue
    if len(found) == 1:
        return found[0]
    if not found:
        all_ = [f"{bible.series}/{one}" for bible in bibles for one in bible.cast]
        raise WrongUse(
            f"no character {name!r} in any series; there are: {', '.join(all_[:20]) or 'none yet'}"
        )
    shown = ", ".join(f"{bible.series}/{one}" for bible, one in found)
    raise WrongUse(
        f"{name} is in several series: {shown}; write {shlex.quote(f'{found[0][0].series}/{name}')}"
    )
