"""Opening what a command works on: its studio, and the studio's log for reading."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import BadLog, WrongUse, cannot_write
from ..core.words import warn

if TYPE_CHECKING:
    from ..core.log import Log
    from ..core.plugins import Plugins
    from ..core.settings import Settings
    from ..core.studio import Studio

__all__ = ["close", "current_studio", "name_of", "open_studio", "reading", "used_plugins", "writing"]

_current: list[Path] = []


def current_studio() -> Path | None:
    """The studio that this process opened last, for a report of what went wrong."""
    return _current[-1] if _current else None


def open_studio(given: Path | None, *, create: bool = False) -> Studio:
    """The studio that a command means. Raises WrongUse where there is none and `create` is not set."""
    from ..core.studio import Studio, find_studio

    root = find_studio(given, Path.cwd())
    if create:
        studio = Studio.create(root or Path("studio"))
    elif root is None:
        raise WrongUse(
            "no studio here: neither this folder, nor one above it, nor ./studio has a duanju.toml; "
            "name one with --studio DIR, or make one: duanju new"
        )
    else:
        studio = Studio(root)
    _current.append(studio.root)
    return studio


def used_plugins(studio: Studio | None, settings: Settings) -> Plugins:
    """The plugins in force, in a studio or before it is made; those left out are named on standard error."""
    from ..core.plugins import load_plugins

    if studio is not None:
        plugins = studio.plugins(settings)
    else:
        plugins = load_plugins(settings.providers, disabled=settings.disabled, required=settings.required)
    for name, why in sorted(plugins.failures.items()):
        step = plugins.next_steps.get(name, "")
        warn(f"duanju: the plugin {name} is left out: {why}; {step}".rstrip("; "))
    return plugins


def close(plugins: Plugins) -> None:
    """Ends what the plugins hold open; what goes wrong with it is named, and changes nothing else."""
    for name, why in sorted(plugins.close().items()):
        warn(f"duanju: the plugin {name}: {why}")


@contextmanager
def reading(studio: Studio, plugins: Plugins | None = None) -> Iterator[Log]:
    """The log, read only; without `plugins` it knows duanju's own events and reads others as they stand.

    Raises WrongUse when there is none yet, or when the file is no log that this duanju can read.
    """
    from ..core.log import Log
    from ..events.codec import Codec
    from ..events.vocabulary import builtin_events

    if not studio.has_log():
        raise WrongUse(f"{studio.root} has no log yet; make an episode first: duanju produce SCRIPT")
    codec = Codec(builtin_events()) if plugins is None else plugins.codec
    log = _checked(lambda: Log(studio.log_path, codec, read_only=True))
    try:
        yield log
    finally:
        log.close()


@contextmanager
def writing(studio: Studio, plugins: Plugins) -> Iterator[Log]:
    """The log, to append to; made where there is none. Raises WrongUse as `reading` does."""
    from ..core.log import Log

    studio.has_log()
    try:
        studio.log_path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(studio.log_path.parent, error) from None
    log = _checked(lambda: Log(studio.log_path, plugins.codec))
    try:
        yield log
    finally:
        log.close()


def _checked(make: Callable[[], Log]) -> Log:
    # A broken first record shows as a ValueError or KeyError of whoever reads it.
    try:
        return make()
    except BadLog as error:
        raise WrongUse(str(error)) from None
    except (ValueError, KeyError, TypeError) as error:
        raise WrongUse(f"the log's first record cannot be read: {error}; restore a backup") from None


def name_of(stream: str) -> str:
    """`episode/tea/one` -> `tea/one`: as people name an episode."""
    return stream.split("/", 1)[-1]
