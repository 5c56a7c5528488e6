"""Making a fork: a stream that begins at a position of an episode, or of another fork."""

from __future__ import annotations

from collections.abc import Callable
from heapq import merge
from pathlib import Path
from typing import Any

from attrs import frozen

from ..events.episode import EpisodeForked, EpisodeHeld, EpisodeRevised
from ..events.record import Record
from .artifacts import Artifacts
from .errors import BadArtifact, BadSetting, WrongUse
from .folds import Folds, quoted_name, series_of
from .log import Log
from .manuscript import Manuscript, picked, read_manuscript
from .plugins import Plugins
from .routing import check_routes
from .settings import Settings
from .source import safe_name

__all__ = ["NOT_RUN", "Forked", "make_fork", "whole_answer"]

NOT_RUN = "fork:"
"""How the hold begins of a fork that was made and not run yet; its name follows."""
BY = "cli.fork"


@frozen
class Forked:
    """A fork that was made: its stream, its point, and the point that was asked for.

    `split` is the answer in whose midst that lay, as `by` of its records; "" where it was whole.
    """

    stream: str
    source: str
    at: int
    asked: int
    split: str
    revision: int


def whole_answer(folds: Folds, source: str, at: int) -> tuple[int, str]:
    """The last position, at or below `at`, at which no answer of an episode is split; and which one was.

    Raises WrongUse for a position from before the episode began.
    """
    index = folds.index(source)
    shared = index.shared or folds.index(f"series/{series_of(source)}")
    records = list(merge(index.records, shared.records, key=lambda record: record.position))
    last = next((i for i in range(len(records) - 1, -1, -1) if records[i].position <= at), -1)
    if not index.count(at):
        begins = index.records[0].position if index.records else 0
        raise WrongUse(f"--at {at}: {quoted_name(source)} begins at position {begins}")
    after = records[last + 1] if last + 1 < len(records) else None
    split = after is not None and _of_one_answer(records[last], after)
    by = records[last].by if split else ""
    while split:
        split = _of_one_answer(records[last - 1], records[last])
        last -= 1
    return records[last].position, by


def _of_one_answer(first: Record, second: Record) -> bool:
    return first.cause is not None and (first.cause, first.by) == (second.cause, second.by)


# -- making ----------------------------------------------------------------------------------------------


def make_fork(
    log: Log,
    plugins: Plugins,
    artifacts: Artifacts,
    source: str,
    at: int,
    name: str,
    *,
    change: Callable[[Settings], Settings] = lambda settings: settings,
    script: Path | None = None,
    without: tuple[str, ...] = (),
    run: bool = False,
) -> Forked:
    """Appends a fork of `source`; it is held until somebody runs it, unless `run`.

    `change` makes the fork's settings of its source's at that point. Raises WrongUse for a name that is
    taken or unsafe, a position that is not the source's, a plugin or a route that nobody knows.
    """
    if at > log.head:
        raise WrongUse(f"--at {at}: the log ends at position {log.head}")
    folds = Folds(log, artifacts.read_sha256)
    point, split = whole_answer(folds, source, at)
    past = folds.episode(source, point)
    if past.opened is None:
        raise WrongUse(f"--at {at}: {quoted_name(source)} is not opened there")
    settings = change(_settings(past))
    stream = _stream_named(log, source, name)
    left_out = _left_out(plugins, (*folds.left_out(source), *without))
    check_routes(settings, plugins)
    recorded = artifacts.put(settings.to_json(), "application/json")
    prices = artifacts.put(plugins.prices.to_json(), "application/json")
    forked = EpisodeForked(source, point, series_of(source), name, recorded, prices, left_out)
    revision, more = past.revision, list[Any]()
    if script is not None:
        revision += 1
        given, number = _given(plugins, script, past.opened.number)
        title = given.title(number) if given.contents.title else past.opened.title
        put = artifacts.put(given.data, "text/plain")
        why = "the fork has another script"
        more.append(
            EpisodeRevised(revision, title, given.file, put, "", recorded, prices, why, number=number)
        )
    if not run:
        next_ = f"duanju resume {quoted_name(stream)}"
        more.append(EpisodeHeld(f"fork:{name}", "it was made and not run yet", "", next_, revision))
    with log.writing():
        if log.add(stream, forked, by=BY) is None:
            raise WrongUse(f"--as {name}: there is a fork of that name; take another one")
        for event in more:
            log.add(stream, event, by=BY)
    return Forked(stream, source, point, at, split, revision)


def _given(plugins: Plugins, script: Path, number: int) -> tuple[Manuscript, int]:
    """The other script, and which of its episodes: the source's own number, where it holds several."""
    given = read_manuscript(plugins, script)
    if len(given.contents.episodes) > 1 and not number:
        raise WrongUse(
            f"--script {script}: it holds {len(given.contents.episodes)} episodes, and a fork goes on with "
            "one; give it a file with that one alone"
        )
    asked = str(number) if number and given.contents.episodes else None
    return given, picked(given, asked)[0]


def _settings(past: Any) -> Settings:
    try:
        settings: Settings = past.settings
    except (BadArtifact, BadSetting, ValueError, LookupError) as error:
        raise WrongUse(f"the settings recorded for it cannot be read: {error}; restore a backup") from None
    return settings


def _stream_named(log: Log, source: str, name: str) -> str:
    """The stream of a fork. Raises WrongUse for a name that no folder may have, or that is taken."""
    safe = safe_name(name)
    if not safe or safe != name:
        hint = f"; write {safe}" if safe else ""
        raise WrongUse(f"--as {name}: a fork's name is a folder's too, without / and the like{hint}")
    series = series_of(source)
    for kind in ("episode", "fork"):
        if next(log.read(stream=f"{kind}/{series}/{name}"), None) is not None:
            taken = "an episode" if kind == "episode" else "a fork"
            raise WrongUse(f"--as {name}: there is {taken} of that name in {series}; take another one")
    return f"fork/{series}/{name}"


def _left_out(plugins: Plugins, names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in plugins.plugins and name not in plugins.failures and name not in plugins.disabled:
            known = ", ".join(sorted(plugins.plugins))
            raise WrongUse(f"--without {name}: no such plugin; there are: {known}")
    return tuple(sorted(set(names)))
