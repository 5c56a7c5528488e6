"""What a script file holds: its title, and its episodes where there are several; told by a plugin's hook."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from attrs import frozen

from .contain import a_persons, describe
from .errors import WrongUse
from .source import decoded, is_zip, title_of
from .watchdog import LOAD_SECONDS, Watchdog, door

if TYPE_CHECKING:
    from .plugins import Plugins

__all__ = ["Contents", "Excerpt", "contents_of"]

HOOK = "duanju_episodes"


@frozen
class Excerpt:
    """An episode in a file that holds several: its number, its own title, and from where to where it goes.

    `first` and `last` count lines (or paragraphs, see Contents) from 1; `scenes` is how many headings stand
    in it; `digest` changes with its text, or with that of the file's head, and not with its place.
    """

    number: int
    title: str
    first: int
    last: int
    scenes: int
    digest: str


@frozen
class Contents:
    """A script file: its title ("" for none), what its spans count (line | paragraph), and its episodes.

    `episodes` is empty where the file does not say that it has any; their numbers may repeat and may stand
    in any order, as in the file. `loose` is the first scene above the first episode's mark, 0 for none.
    """

    title: str
    unit: str
    episodes: tuple[Excerpt, ...] = ()
    loose: int = 0


def contents_of(plugins: Plugins, data: bytes, file: str, form: str) -> Contents:
    """What the first plugin with the hook `duanju_episodes(data, file, format)` answers, by plugin name.

    Where none answers, the title as far as it can be told from the text. Raises WrongUse for what cannot be
    read, and names the plugin that failed.
    """
    watchdog = Watchdog(LOAD_SECONDS)
    with watchdog:
        for name, plugin in sorted(plugins.plugins.items()):
            ask = getattr(plugin.object, HOOK, None)
            if not callable(ask):
                continue
            try:
                found = watchdog.run(door(_asking(ask, data, file, form)))
            except WrongUse:
                raise
            except BaseException as error:
                if a_persons(error):
                    raise
                raise WrongUse(
                    f"{file}: the plugin {name} failed at it: {watchdog.run(describe, error)}; report it, "
                    f'or leave it out: disabled = ["{name}"] under [plugins] in duanju.toml'
                ) from None
            if found is not None:
                return found
    return Contents("" if is_zip(data) else title_of(decoded(data, file)), "line")


def _asking(ask: Callable[..., Any], data: bytes, file: str, form: str) -> Callable[[], Contents | None]:
    return lambda: _sound(ask(data, file, form))


def _sound(answer: Any) -> Contents | None:
    """The answer, if it is one. Raises TypeError for another thing."""
    if answer is None:
        return None
    if type(answer) is not Contents or not all(type(one) is Excerpt for one in _looked(answer.episodes)):
        raise TypeError(f"{HOOK} must return Contents, or None, not {type(answer).__name__}")
    return answer


def _looked(episodes: Any) -> Iterable[Any]:
    return episodes if isinstance(episodes, tuple) else (None,)
