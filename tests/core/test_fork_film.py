"""A real film, forked at every position: each fork ends as the film did, and nothing is made twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import orjson
import pytest
from killing import BOOKKEEPING, log_faults

from duanju.core.folds import Folds
from duanju.core.fork import make_fork
from duanju.core.log import Log
from duanju.core.plugins import Plugins, load_plugins
from duanju.core.rebuild import table_problems
from duanju.core.replay import replay
from duanju.core.settings import Settings
from duanju.core.studio import Studio

STAGES = "cast,cut,dialogue,local,quality,scenes,script,script.fidelity,technical.container"
SMALL = '[delivery]\nwidth = 144\nheight = 256\npreset = "ultrafast"\n'
SCRIPT = """Title: The Key

INT. OFFICE - DAY

LI WEI
Who?
"""
# Positions, what calls cost and took, who made it first, and what only says how it was run.
DROP = frozenset(("bill", "reused_from", "latency_ms"))
LEFT_OUT = BOOKKEEPING | {"episode_opened", "episode_forked", "episode_revised"}


class Film:
    """A studio with one film in it."""

    def __init__(self, root: Path) -> None:
        root.mkdir()
        self.studio = Studio.create(root)
        (root / "duanju.toml").write_text(SMALL)
        self.script = root / "key.fountain"
        self.script.write_text(SCRIPT)
        self.plugins: Plugins = load_plugins({}, only=STAGES)
        assert self.plugins.failures == {}
        self.log = Log(self.studio.log_path, self.plugins.codec)

    def produce(self, settings: Settings) -> str:
        """The film of these settings; returns its stream."""
        stream = self.studio.hand_in(self.log, self.plugins, settings, self.script).stream
        self.run()
        return stream

    def run(self) -> None:
        """An engine until it is idle."""
        with self.studio.engine(self.log, self.plugins, self.studio.settings()) as engine:
            engine.run()

    def fork(self, source: str, at: int, name: str, **more: Any) -> str:
        """A fork that may run; returns its stream."""
        made = make_fork(self.log, self.plugins, self.studio.artifacts, source, at, name, run=True, **more)
        return made.stream

    def told(self, stream: str) -> list[str]:
        """The film as (kind, body), sorted."""
        found = []
        for record in Folds(self.log, self.studio.artifacts.read_sha256).now(stream):
            if record.kind in LEFT_OUT:
                continue
            drop = DROP | set(self.log.codec.spec(type(record.event)).positions)
            body = {key: value for key, value in orjson.loads(record.body).items() if key not in drop}
            found.append(f"{record.kind} {orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode()}")
        return sorted(found)


@pytest.fixture
def film(tmp_path: Path) -> Iterator[Film]:
    found = Film(tmp_path / "studio")
    yield found
    found.log.close()


def test_a_fork_at_every_position_ends_as_the_film_did(film: Film) -> None:
    source = film.produce(film.studio.settings())
    whole, head = film.told(source), film.log.head
    rendered = film.log.db.execute("SELECT count(*) FROM event WHERE kind = 'shot_rendered'").fetchone()[0]
    own = [r.position for r in Folds(film.log, film.studio.artifacts.read_sha256).now(source)]
    first = next(film.log.read(stream=source)).position
    points = [position for position in own if first <= position <= head]
    forks = [film.fork(source, at, f"at{at}") for at in points]
    film.run()
    for at, stream in zip(points, forks, strict=True):
        assert film.told(stream) == whole, at
    made = [r for r in film.log.read(kind="shot_rendered", after=head) if r.event.reused_from is None]
    assert made == [] and rendered > 0, "every shot was rendered once, for the source"
    for stream in forks[:: max(1, len(forks) // 6)]:
        replay(film.log, film.plugins, film.studio.artifacts, stream)
    assert log_faults(film.log) == []
    assert [p.what for p in table_problems(film.log, film.studio.artifacts.read_sha256)] == []


def test_a_fork_with_other_settings_is_the_film_that_they_make(film: Film, tmp_path: Path) -> None:
    def wide(settings: Settings) -> Settings:
        return attrs.evolve(settings, delivery=attrs.evolve(settings.delivery, width=256, height=144))

    source = film.produce(film.studio.settings())
    first = next(film.log.read(stream=source)).position
    stream = film.fork(source, first, "wide", change=wide)
    film.run()
    fresh = Film(tmp_path / "fresh")
    try:
        other = fresh.produce(wide(fresh.studio.settings()))
        assert film.told(stream) == fresh.told(other) != film.told(source)
    finally:
        fresh.log.close()
    replay(film.log, film.plugins, film.studio.artifacts, stream)
