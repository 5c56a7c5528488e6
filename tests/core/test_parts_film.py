"""Stages from outside the package put their own shots into a real film, and the film waits for them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import av
import numpy as np
import outside_leader
import outside_titles
import pytest
from killing import log_faults

from duanju.core.episode import Episode
from duanju.core.hooks import hookimpl
from duanju.core.log import Log
from duanju.core.plugins import Plugins, load_plugins
from duanju.core.replay import replay
from duanju.core.status import progress_of
from duanju.core.studio import Studio
from duanju.events.cut import CutRequested, EpisodeCut
from duanju.events.episode import EpisodeDelivered, PartClosed, PartOpened
from duanju.events.quality import CheckMeasured
from duanju.events.scenes import SceneAssembled, ShotRendered, TakeChosen
from duanju.events.script import ScriptParsed, ShotListSettled

STAGES = "cast,cut,dialogue,local,quality,scenes,script,script.fidelity,technical.container"
SMALL = '[delivery]\nwidth = 144\nheight = 256\npreset = "ultrafast"\n'
SCRIPT = """Title: The Key

INT. OFFICE - DAY

LI WEI
Who gave you this?

EXT. COURTYARD - DAY

Xiao Mei waits in the rain.
"""


class Film:
    """A studio with its log and plugins while a test looks at it."""

    def __init__(self, studio: Studio, log: Log, plugins: Plugins, stream: str) -> None:
        self.studio, self.log, self.plugins, self.stream = studio, log, plugins, stream

    def all(self, cls: type[Any]) -> list[Any]:
        kind = self.log.codec.spec(cls).kind
        return [record.event for record in self.log.read(stream=self.stream, kind=kind)]

    def segments(self) -> list[tuple[str, str, int]]:
        return [(one.shot, one.segment.sha256, one.frames) for one in self.all(CutRequested)[-1].segments]

    def run(self) -> None:
        with self.studio.engine(self.log, self.plugins, self.studio.settings()) as engine:
            engine.run()


@contextmanager
def produced(root: Path, **extra: ModuleType) -> Iterator[Film]:
    """A film of the script by the real stages, with these beside them."""
    studio = Studio.create(root)
    (root / "duanju.toml").write_text(SMALL)
    script = root / "key.fountain"
    script.write_text(SCRIPT)
    settings = studio.settings()
    plugins = load_plugins(settings.providers, only=STAGES, extra=extra)
    assert plugins.failures == {}
    try:
        with studio.log(plugins) as log:
            done = studio.hand_in(log, plugins, settings, script)
            film = Film(studio, log, plugins, done.stream)
            film.run()
            yield film
    finally:
        plugins.close()


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str, int]]:
    """The shots of the film without any stranger."""
    with produced(tmp_path_factory.mktemp("plain")) as film:
        assert len(film.all(EpisodeDelivered)) == 1
        return film.segments()


def first_frames(path: Path, count: int) -> list[Any]:
    """The first frames of a file, as arrays."""
    with av.open(str(path)) as container:
        frames = container.decode(video=0)
        return [next(frames).to_ndarray(format="rgb24") for _ in range(count)]


def proven(film: Film) -> None:
    found = replay(film.log, film.plugins, film.studio.artifacts, film.stream)
    assert (found.changed, found.unverifiable, found.failed) == ([], {}, 0)
    assert log_faults(film.log) == []


def test_a_stage_puts_its_own_scene_before_the_film(
    tmp_path: Path, before: list[tuple[str, str, int]]
) -> None:
    with produced(tmp_path, titles=outside_titles) as film:
        (settled,) = film.all(ShotListSettled)
        assert settled.shots == len(before) + 2
        assert [one.scene for one in film.all(SceneAssembled)].count("T01") == 1
        segments = film.segments()
        assert [shot for shot, _, _ in segments[:2]] == ["T01-01", "T01-02"]
        assert segments[2:] == before, "all the rest is the film as it was, to the byte"
        (cut,) = film.all(EpisodeCut)
        assert len(film.all(CutRequested)) == 1 and len(film.all(EpisodeDelivered)) == 1
        assert cut.frames == sum(frames for _, _, frames in segments)
        store = film.studio.artifacts
        made = store.path(film.all(CutRequested)[0].segments[0].segment)
        for one, two in zip(first_frames(store.path(cut.film), 3), first_frames(made, 3), strict=True):
            assert np.array_equal(one, two), "the film begins with its shot"
        proven(film)


def test_a_stage_replaces_a_shot_before_the_cut(tmp_path: Path, before: list[tuple[str, str, int]]) -> None:
    with produced(tmp_path, leader=outside_leader) as film:
        assert len(film.all(CutRequested)) == 1, "the cut waited for it"
        segments = film.segments()
        assert [(shot, frames) for shot, _, frames in segments] == [(s, f) for s, _, f in before]
        assert [a == b for a, b in zip(segments, before, strict=True)] == [
            shot != outside_leader.SHOT for shot, _, _ in before
        ]
        (cut,) = film.all(EpisodeCut)
        (frame,) = first_frames(film.studio.artifacts.path(cut.film), 1)
        assert np.abs(frame.reshape(-1, 3).mean(axis=0) - outside_leader.COLOUR).max() < 12
        proven(film)


def test_a_part_that_never_closes_is_named_in_the_status(tmp_path: Path) -> None:
    waits = ModuleType("waits")
    waits.__dict__["on_script_parsed"] = outside_leader.on_script_parsed
    with produced(tmp_path, waits=waits) as film:
        assert film.all(CutRequested) == []
        waiting = [
            f"{one.join} waits for {one.waits_for}" for one in progress_of(film.log, film.stream).waits()
        ]
        assert "cut waits for the part leader of plugin waits" in waiting
        film.log.append(film.stream, [PartClosed("cut", "leader", 1)], by="cli.review")
        film.run()
        assert len(film.all(CutRequested)) == len(film.all(EpisodeDelivered)) == 1


def opens_all() -> ModuleType:
    """Opens a part at every join, each as late as it may be."""
    made = ModuleType("late")

    def opening(join: str, cls: type[Any], kind: str) -> None:
        def hook(event: Any, episode: Episode) -> Iterator[PartOpened]:
            if not episode.every(PartOpened, join, "late"):
                yield PartOpened(join, "late", event.revision)

        hook.__name__ = f"opens_{join}"
        setattr(made, hook.__name__, hookimpl(hook, specname=f"on_{kind}"))

    opening("shots", ScriptParsed, "script_parsed")
    opening("takes", TakeChosen, "take_chosen")
    opening("cut", ShotRendered, "shot_rendered")
    opening("quality", CutRequested, "cut_requested")
    opening("delivery", EpisodeCut, "episode_cut")
    return made


def test_every_join_waits_and_goes_on_once_when_its_part_closes(tmp_path: Path) -> None:
    outputs = (ShotListSettled, SceneAssembled, CutRequested, CheckMeasured, EpisodeDelivered)
    with produced(tmp_path, late=opens_all()) as film:

        def counts() -> list[int]:
            return [len(film.all(cls)) for cls in outputs]

        def close(join: str) -> None:
            film.log.append(film.stream, [PartClosed(join, "late", 1)], by="cli.review")
            film.run()

        assert counts() == [0, 0, 0, 0, 0]
        close("shots")
        assert counts() == [1, 0, 0, 0, 0], "one take was chosen, and its scene waits for the part at takes"
        close("takes")
        assert counts()[:3] == [1, 2, 0], "both scenes, and no cut"
        close("cut")
        assert counts() == [1, 2, 1, 2, 0]
        close("delivery")
        assert counts() == [1, 2, 1, 2, 0], "the judgement still waits"
        close("quality")
        assert counts() == [1, 2, 1, 2, 1]
        close("quality")
        assert counts() == [1, 2, 1, 2, 1]
        proven(film)
