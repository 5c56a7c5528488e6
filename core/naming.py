"""One character, many names: which character a name in a script, a setting or a command means."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from ..events.cast import CharacterCast, CharacterChanged, CharactersMerged, CharacterWritten

if TYPE_CHECKING:
    from .episode import Episode, Series

__all__ = ["Names", "character_of", "name_key", "names_in", "names_of", "other_names"]


@lru_cache(maxsize=4096)
def name_key(name: str) -> str:
    """A name without what does not tell two apart: case, width and spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


class Names:
    """The aliases in force: from a name to the character it means, however it is written."""

    def __init__(self, aliases: Iterable[tuple[str, str]]) -> None:
        """`aliases`: (other name, name), a later one of an equal name wins."""
        self._means: dict[str, str] = {}
        self._spelt: dict[str, str] = {}
        for alias, name in aliases:
            if name_key(alias) != name_key(name):
                self._means[name_key(alias)] = name
                self._spelt[name_key(alias)] = alias

    def means(self, name: str) -> str:
        """The name of the character that is meant; the name itself where it is nobody's alias.

        Aliases of aliases are followed; in a circle the walk ends where it would come by a name again.
        """
        seen = {name_key(name)}
        while (following := self._means.get(name_key(name))) is not None:
            if name_key(following) in seen:
                break
            seen.add(name_key(following))
            name = following
        return name

    def is_alias(self, name: str) -> bool:
        """Whether a name stands for a character of another name."""
        return name_key(self.means(name)) != name_key(name)

    def __bool__(self) -> bool:
        return bool(self._means)

    def others(self, name: str) -> tuple[str, ...]:
        """The other names of a character as they were written, sorted."""
        key = name_key(name)
        return tuple(sorted(alias for alias in self._spelt.values() if name_key(self.means(alias)) == key))


def names_of(series: Series, aliases: Mapping[str, str] | None = None) -> Names:
    """The aliases in force in a series: of the settings, of what was written of a character, of merges.

    Of two that contradict each other the merge wins, then what was written.
    """
    found = list((aliases or {}).items())
    newest: dict[tuple[str, str], CharacterWritten] = {}
    for one in series.all(CharacterWritten):
        if one.source != "command" or "aliases" in one.fields:
            newest[one.character, one.source] = one
    for one in newest.values():
        found += ((alias, one.character) for alias in other_names(one.fields.get("aliases", "")))
    found += ((one.alias, one.character) for one in series.all(CharactersMerged))
    return Names(found)


def other_names(text: str) -> list[str]:
    """The names in a list like "Old Wang, 老王、王老板"."""
    return [one.strip() for one in text.replace("，", ",").replace("、", ",").split(",") if one.strip()]


def names_in(episode: Episode) -> Names:
    """The aliases in force in an episode, those of its recorded settings among them."""
    recorded = episode.settings_artifact is not None
    return names_of(episode.series_view, episode.settings.cast.aliases if recorded else None)


def character_of(episode: Episode, name: str) -> CharacterCast | CharacterChanged | None:
    """The newest word on the character that a name means in an episode; None where it means nobody."""
    cast = episode.cast
    known = cast.get(name)
    names = names_in(episode)
    if known is not None and not names.is_alias(name):
        return known
    meant = names.means(name)
    if meant in cast:
        return cast[meant]
    return next((one for other, one in cast.items() if name_key(other) == name_key(meant)), None)
