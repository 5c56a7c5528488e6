"""A studio: a folder with its settings, its log, its artifacts, and what a person wants to open."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import orjson
from attrs import frozen

from ..events.artifact import Artifact
from ..events.episode import EpisodeOpened, EpisodeRevised, SettingsChanged, StudioMoved
from .artifacts import Artifacts
from .cast_files import note_cast
from .contents import Contents, contents_of
from .engine import Engine, Watcher
from .errors import BadArtifact, BadLog, LogMoved, NoSuchEpisode, WrongUse, advice, barred, cannot_write
from .folds import Folds
from .log import Log, place_of
from .manuscript import Manuscript, picked, read_manuscript
from .plugins import Plugins, load_plugins
from .routing import check_routes
from .settings import Settings
from .settings_file import load_settings

__all__ = ["OUT_FILES", "Opening", "Studio", "find_studio"]

SETTINGS_FILE = "duanju.toml"
OUT_FILES = ("episode.mp4", "episode.srt", "report.html", "report.json", "costs.csv")
_NEW = """\
# The settings of this studio. Everything here has a default; docs/settings.md lists them all.

[delivery]
profile = "web-vertical"        # or "web-wide"

[routes]                        # which model answers, in order of preference
image = ["local:painter"]
speech = ["local:espeak"]

[budget]                        # in dollars; nothing is spent with local routes
# episode = 5.00
# day = 20.00
"""


@frozen
class Opening:
    """What handing in a script did: opened a new episode, revised one, or changed nothing."""

    stream: str
    what: Literal["opened", "revised", "unchanged", "settings"]
    revision: int


def find_studio(given: Path | None, start: Path) -> Path | None:
    """The studio to use: the one given, else the nearest folder upward with duanju.toml, else ./studio."""
    if given is not None:
        return given
    for folder in (start, *start.parents):
        if (folder / SETTINGS_FILE).is_file():
            return folder
    return start / "studio" if (start / "studio" / SETTINGS_FILE).is_file() else None


class Studio:
    """An existing studio. Opening it reads nothing yet; raises WrongUse when it is none."""

    def __init__(self, root: Path) -> None:
        if not (root / SETTINGS_FILE).is_file():
            raise WrongUse(f"{root} is no studio (it has no {SETTINGS_FILE}); make one: duanju new {root}")
        self.root = root
        self.artifacts = Artifacts(root / ".duanju" / "artifacts")
        self.out = root / "out"
        self._contents: dict[tuple[str, str], Contents] = {}

    @classmethod
    def create(cls, root: Path) -> Studio:
        """Makes a studio folder; an existing one stays as it is. Raises WrongUse where it cannot be made."""
        try:
            (root / ".duanju" / "artifacts").mkdir(parents=True, exist_ok=True)
            (root / "out").mkdir(exist_ok=True)
            if not (root / SETTINGS_FILE).exists():
                (root / SETTINGS_FILE).write_text(_NEW, encoding="utf-8")
            why = barred(root / ".duanju")
            if why is not None:
                raise why
        except OSError as error:
            raise WrongUse(
                f"{root} cannot be made a studio: {error.strerror}; {advice(error)}, or choose another folder"
            ) from None
        return cls(root)

    @property
    def log_path(self) -> Path:
        """The log's file."""
        return self.root / ".duanju" / "log.db"

    def has_log(self) -> bool:
        """Whether there is a log. Raises BadLog where there was one: its files are there and it is gone."""
        try:
            if self.log_path.stat().st_size > 0:
                return True
        except OSError:
            pass
        if not next(self.artifacts.root.glob("??/*"), None):
            return False
        raise BadLog(
            f"{self.log_path} is empty or gone, but files of its episodes are there: the log was lost; put a "
            f"backup of it in its place, or move {self.log_path.parent} away to begin anew"
        )

    def settings(
        self, *, delivery: str | None = None, budget: str | None = None, profile: str | None = None
    ) -> Settings:
        """The settings in force: duanju.toml, the environment, then these flags."""
        return load_settings(
            self.root / SETTINGS_FILE, os.environ, delivery=delivery, budget=budget, profile=profile
        )

    def plugins(self, settings: Settings | None = None) -> Plugins:
        """The plugins in force, with the provider instances that the settings name."""
        chosen = settings or self.settings()
        return load_plugins(chosen.providers, disabled=chosen.disabled, required=chosen.required)

    @contextmanager
    def log(self, plugins: Plugins, *, write: bool = True) -> Iterator[Log]:
        """The log, opened with these plugins' vocabulary; read-only raises WrongUse when there is none."""
        if not self.has_log() and not write:
            raise NoSuchEpisode(f"{self.root} has no log yet; make an episode first: duanju produce SCRIPT")
        if write:
            try:
                self.log_path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise cannot_write(self.log_path.parent, error) from None
        log = Log(self.log_path, plugins.codec, read_only=not write)
        try:
            yield log
        finally:
            log.close()

    def hand_in(
        self, log: Log, plugins: Plugins, settings: Settings, script: Path, *, form: str = ""
    ) -> Opening:
        """Opens or revises the episode of a script file, or finds that nothing changed.

        Raises WrongUse for a file that is no script, or that holds several episodes.
        """
        manuscript = read_manuscript(plugins, script, form)
        return self.open_episode(log, plugins, settings, manuscript, picked(manuscript, None)[0])

    def open_episode(
        self, log: Log, plugins: Plugins, settings: Settings, script: Manuscript, number: int = 0
    ) -> Opening:
        """`hand_in` for a script that was read, or for its episode of that number; 0 = the whole file."""
        check_routes(settings, plugins)
        stream, title = script.stream(settings, number), script.title(number)
        file, form = script.file, script.form
        _, series, name = stream.split("/")
        source = self.artifacts.put(script.data, "text/plain")
        recorded = self.artifacts.put(settings.to_json(), "application/json")
        prices = self.artifacts.put(plugins.prices.to_json(), "application/json")
        known = Folds(log, self.artifacts.read_sha256).now(stream)
        last = known.opened
        note_cast(log, self.artifacts, self.root / "cast", series, "cli.produce")
        if last is None:
            if next(log.read(stream=f"fork/{series}/{name}"), None) is not None:
                raise WrongUse(f"{script.path}: {series} has a fork called {name}; rename the file")
            event = EpisodeOpened(series, name, title, file, source, form, recorded, prices, number=number)
            log.append(stream, [event], by="cli.produce")
            return Opening(stream, "opened", 1)
        same = last.format == form and last.number == number and self._same(plugins, last, source, script)
        if same and known.settings.decisive() == settings.decisive():
            if known.settings == settings:
                return Opening(stream, "unchanged", known.revision)
            log.append(stream, [SettingsChanged(recorded, prices)], by="cli.produce")
            return Opening(stream, "settings", known.revision)
        why = "the settings changed" if same else "the script changed"
        revised = EpisodeRevised(
            known.revision + 1, title, file, source, form, recorded, prices, why, number=number
        )
        log.append(stream, [revised], by="cli.produce")
        return Opening(stream, "revised", known.revision + 1)

    def _same(
        self, plugins: Plugins, last: EpisodeOpened | EpisodeRevised, source: Artifact, script: Manuscript
    ) -> bool:
        """Whether the script says of an episode what it said before; of one among several, its own text."""
        if last.source.sha256 == source.sha256:
            return True
        now = script.excerpt(last.number)
        if now is None:
            return False
        key = (last.source.sha256, last.format)
        if key not in self._contents:
            try:
                before = self.artifacts.read(last.source)
                self._contents[key] = contents_of(plugins, before, last.file, last.format)
            except (BadArtifact, WrongUse):
                return False  # what cannot be read any more is made anew from what can
        was = [one for one in self._contents[key].episodes if one.number == last.number]
        return [one.digest for one in was] == [now.digest]

    def episodes(self, log: Log) -> list[str]:
        """The streams of all episodes, sorted, then those of all forks."""
        return [*log.streams("episode/"), *log.streams("fork/")]

    def resolve(self, log: Log, name: str) -> str:
        """NAME or SERIES/NAME of an episode or fork -> its stream. Raises NoSuchEpisode, with candidates."""
        streams = self.episodes(log)
        for exact in (f"episode/{name}", f"fork/{name}"):
            if exact in streams:
                return exact
        found = [stream for stream in streams if stream.rsplit("/", 1)[1] == name]
        if len(found) == 1:
            return found[0]
        shown = ", ".join(stream.split("/", 1)[1] for stream in (found or streams)[:20])
        if found:
            raise NoSuchEpisode(f"{name} names several episodes: {shown}; write SERIES/NAME")
        raise NoSuchEpisode(f"no episode {name!r} in {self.root}; there are: {shown or 'none yet'}")

    def folder(self, stream: str) -> Path:
        """Where a person finds what belongs to an episode."""
        return self.out.joinpath(*stream.split("/")[1:])

    def engine(
        self,
        log: Log,
        plugins: Plugins,
        settings: Settings,
        *,
        watcher: Watcher | None = None,
        inline: bool = False,
        adopt: bool = False,
    ) -> Engine:
        """The engine on this log. Raises LogBusy, and LogMoved for a copy with unfinished paid work."""
        self.settle_place(log, plugins, adopt)
        return Engine(
            log,
            plugins,
            self.artifacts,
            self.out,
            lanes=dict(settings.lanes),
            providers=settings.providers,
            watcher=watcher,
            inline=inline,
        )

    def settle_place(self, log: Log, plugins: Plugins, adopt: bool = False) -> None:
        """Records that the log lies elsewhere now. Raises LogMoved for a copy with unfinished paid work."""
        here = place_of(self.log_path)
        place = ""
        for kind in ("studio_opened", "studio_moved"):
            for record in log.read(stream="studio", kind=kind):
                place = record.event.place
        if place == here:
            return
        unfinished = _unfinished(log, plugins)
        if unfinished and not adopt:
            pieces = "1 paid call" if unfinished == 1 else f"{unfinished} paid calls"
            raise LogMoved(
                f"this log was made at {place.split('#')[0]} and is now at {self.log_path}, with {pieces} "
                "unfinished that the original may also finish and pay; if the original is gone, run duanju "
                "resume --adopt"
            )
        log.append("studio", [StudioMoved(here, adopt)], by="cli.resume")


def _unfinished(log: Log, plugins: Plugins) -> int:
    """How many pieces of open work have cost money, or may: calls let go or in doubt, jobs at a vendor."""
    rows = log.db.execute(
        "SELECT plugin, hook, attempt, kind, body FROM work LEFT JOIN event ON event.position = work.cause"
    )
    return sum(1 for row in rows if _paid(plugins, *row))


def _paid(plugins: Plugins, plugin: str, name: str, attempt: int, kind: str | None, body: str | None) -> bool:
    if plugin == "core":
        return name == "doubt"
    if kind == "video_submitted":
        return True
    if kind == "call_admitted":
        return body is None or orjson.loads(body).get("ceiling") != 0
    hook = plugins.hook(plugin, name)
    once = hook is None or (hook.effect is not None and hook.effect.doubt == "hold")
    return attempt > 0 and once
