"""Histories of every release: they fold to their recorded digests, and what is unchanged decides the same.

The files are made by `python tests/golden/make_logs.py`, for the version at hand; see there.
"""

from __future__ import annotations

import json
import sys
import tarfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from duanju.core.artifacts import Artifacts
from duanju.core.errors import Diverged
from duanju.core.folds import Folds
from duanju.core.log import Log
from duanju.core.plugins import Plugins, load_plugins
from duanju.core.replay import Replayed, replay_all
from duanju.core.verify import walk
from duanju.events.record import Unknown

sys.path.insert(0, str(Path(__file__).parents[1] / "golden"))
from golden_toy import plugins_of_the_toy

LOGS = Path(__file__).parents[1] / "golden" / "logs"

KNOWN = {
    f"{file.stem}-{name}": facts
    for file in sorted(LOGS.glob("*.json"))
    for name, facts in json.loads(file.read_text(encoding="utf-8")).items()
}


@frozen
class Old:
    """An unpacked log of some release, what was written down of it, and the plugins of today."""

    name: str
    log: Log
    artifacts: Artifacts
    plugins: Plugins
    facts: dict[str, Any]


@pytest.fixture(scope="module")
def installed() -> Iterator[Plugins]:
    found = load_plugins()
    yield found
    found.close()


@pytest.fixture(params=sorted(KNOWN))
def old(request: pytest.FixtureRequest, tmp_path: Path, installed: Plugins) -> Iterator[Old]:
    name: str = request.param
    with tarfile.open(LOGS / f"{name}.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    plugins = installed
    if name.endswith("-toy"):
        plugins = load_plugins(extra=plugins_of_the_toy(), only="tale,one,two")
    log = Log(tmp_path / "log.db", plugins.codec, read_only=True)
    yield Old(name, log, Artifacts(tmp_path / "artifacts"), plugins, KNOWN[name])
    log.close()


def test_it_is_whole_and_every_body_can_still_be_read(old: Old) -> None:
    found = walk(old.log)
    assert found.problems == []
    assert (found.head, found.records) == (old.facts["head"], old.facts["records"])
    kinds = {record.kind for record in old.log.read() if isinstance(record.event, Unknown)}
    assert not kinds, f"nobody knows these kinds any longer: {kinds}"


def test_every_episode_folds_to_its_recorded_digest(old: Old) -> None:
    folds = Folds(old.log, old.artifacts.read_sha256)
    for stream, facts in old.facts["streams"].items():
        now = folds.now(stream)
        assert now.digest() == facts["digest"], stream
        assert len(list(now)) == facts["records"], stream
        assert now.settings.delivery.width > 0, "the recorded settings can still be read"


def test_every_plugin_that_says_it_decides_the_same_does(old: Old) -> None:
    then = old.facts["decisions"]
    for stream, found in replay_all(old.log, old.plugins, old.artifacts):
        assert not isinstance(found, Diverged), (
            f"{old.name}, {stream}: {found}; where this is meant, raise the plugin's `decisions`"
        )
        facts = old.facts["streams"][stream]
        for one in found.changed:
            plugin = one.by.rsplit(".", 1)[0]
            assert old.plugins.plugins[plugin].decisions != then[plugin], one
        assert found.digest == facts["digest"] and found.failed == facts["failed"]
        if not (found.changed or found.unverifiable):
            assert (found.reactions, found.answers) == (facts["reactions"], facts["answers"])
        if old.name.startswith(f"{version('duanju')}-"):
            assert isinstance(found, Replayed) and found.unverifiable == {}


def test_this_release_has_its_golden_logs_and_they_are_small() -> None:
    ours = {name for name in KNOWN if name.startswith(f"{version('duanju')}-")}
    assert ours == {f"{version('duanju')}-{name}" for name in ("film", "toy")}
    assert sum(file.stat().st_size for file in LOGS.iterdir()) < 200_000
