"""Makes the golden logs of this release: small whole histories, which every later release must still fold.

`python tests/golden/make_logs.py` writes `logs/<version>-toy.tar.xz` and `logs/<version>-film.tar.xz` anew,
and `logs/<version>.json` with the digests. Those of an earlier version are never changed: their files stay
as they were made. Make this release's again as long as it is not published.
"""

from __future__ import annotations

import io
import json
import sys
import tarfile
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from golden_toy import plugins_of_the_toy

from duanju.core.artifacts import Artifacts
from duanju.core.engine import Engine
from duanju.core.fork import make_fork
from duanju.core.log import Log
from duanju.core.plugins import Plugins, load_plugins
from duanju.core.replay import Replayed, replay_all
from duanju.core.settings import Delivery, Settings
from duanju.core.studio import Studio
from duanju.events.artifact import Artifact
from duanju.events.calls import DoubtSettled
from duanju.events.episode import EpisodeOpened, EpisodeReleased, EpisodeRevised

LOGS = Path(__file__).parent / "logs"
SCRIPT = """\
Title: Two Shots
Series: Golden

INT. TEA HOUSE - NIGHT

LIN YUE waits by the window.

LIN YUE
You came back.
"""
SMALL = '[delivery]\nwidth = 270\nheight = 480\npreset = "ultrafast"\n'


def toy(root: Path) -> tuple[Log, Plugins, Artifacts]:
    """Two episodes of a series, a revision, a doubt, a fallback, a mended reaction, a fork."""
    artifacts = Artifacts(root / "artifacts")
    settings = Settings(delivery=Delivery("golden", 90, 160), routes={"speech": ("one:m", "two:m")})
    source = artifacts.put(b"a tale", "text/plain")

    def loaded(**how: Any) -> Plugins:
        found = load_plugins(extra=plugins_of_the_toy(**how), only="tale,one,two")
        assert not found.failures, found.failures
        return found

    def run(log: Log, plugins: Plugins) -> None:
        with Engine(log, plugins, artifacts, root / "out") as engine:
            engine.run()

    plugins = loaded(broken=True)
    log = Log(root / "log.db", plugins.codec)
    recorded = artifacts.put(settings.to_json(), "application/json")
    prices = artifacts.put(plugins.prices.to_json(), "application/json")
    one, two = "episode/tale/one", "episode/tale/two"

    def opened(stream: str) -> None:
        name = stream.rsplit("/", 1)[1]
        event = EpisodeOpened("tale", name, name, f"{name}.txt", source, "", recorded, prices)
        log.append(stream, [event], by="cli.produce")

    opened(one)
    run(log, plugins)
    plugins = loaded(fate={"L0": "lost", "L2": "fails"})
    for record in list(log.read(stream=one, kind="episode_held")):
        if record.event.hold.startswith("reaction:"):
            log.append(one, [EpisodeReleased(record.event.hold, "a person", "mended")], by="cli.resume")
    run(log, plugins)
    for record in list(log.read(stream=one, kind="call_doubted")):
        settled = DoubtSettled(record.event.request, record.event.admitted, "not_accepted", "a person", "")
        log.append(one, [settled], by="cli.review")
    run(log, plugins)
    opened(two)
    run(log, plugins)
    revised = EpisodeRevised(2, "one", "one.txt", source, "", recorded, prices, "the script changed")
    log.append(one, [revised], by="cli.produce")
    run(log, plugins)
    beat = next(log.read(stream=two, kind="beat")).position
    make_fork(log, plugins, artifacts, two, beat + 2, "other", run=True)
    run(log, plugins)
    return log, plugins, artifacts


def film(root: Path) -> tuple[Log, Plugins, Artifacts]:
    """A short film with the built-in plugins and the local provider."""
    (root / "two.fountain").write_text(SCRIPT, encoding="utf-8")
    (root / "duanju.toml").write_text(SMALL, encoding="utf-8")
    studio = Studio.create(root)
    settings = studio.settings()
    plugins = studio.plugins(settings)
    assert not plugins.failures, plugins.failures
    studio.log_path.parent.mkdir(exist_ok=True)
    log = Log(studio.log_path, plugins.codec)
    studio.hand_in(log, plugins, settings, root / "two.fountain")
    with studio.engine(log, plugins, settings) as engine:
        engine.run()
    held = [record.event.why for record in log.read(kind="episode_held")]
    assert next(log.read(kind="episode_delivered"), None) is not None, f"the film was not delivered: {held}"
    return log, plugins, studio.artifacts


def facts(log: Log, plugins: Plugins, artifacts: Artifacts) -> dict[str, Any]:
    """What must stay true of a log: digests, counts, and which decisions version each plugin had."""
    streams = {}
    for stream, found in replay_all(log, plugins, artifacts):
        assert isinstance(found, Replayed), str(found)
        assert (found.changed, found.unverifiable) == ([], {}), (stream, found)
        streams[stream] = {
            "digest": found.digest,
            "records": found.records,
            "reactions": found.reactions,
            "answers": found.answers,
            "failed": found.failed,
        }
    decisions = {name: one.decisions for name, one in sorted(plugins.plugins.items())}
    return {"head": log.head_digest(), "records": log.head, "streams": streams, "decisions": decisions}


def packed(log: Log, artifacts: Artifacts, target: Path) -> None:
    """The log's file, and of the artifacts only the settings and prices that it names."""
    named: set[Artifact] = set()
    for kind in ("episode_opened", "episode_revised", "episode_forked", "settings_changed"):
        for record in log.read(kind=kind):
            named |= {record.event.settings, record.event.prices}
    log.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    assert log.path is not None
    with tarfile.open(target, "w:xz", preset=9) as archive:
        _add(archive, "log.db", log.path.read_bytes())
        for artifact in sorted(named, key=lambda one: one.sha256):
            place = artifacts.place(artifact)
            _add(archive, f"artifacts/{place.parent.name}/{place.name}", place.read_bytes())


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    archive.addfile(info, io.BytesIO(data))


def main() -> None:
    """Writes the files of this version."""
    number = version("duanju")
    LOGS.mkdir(exist_ok=True)
    found: dict[str, Any] = {}
    for name, make in (("toy", toy), ("film", film)):
        with tempfile.TemporaryDirectory() as folder:
            log, plugins, artifacts = make(Path(folder))
            found[name] = facts(log, plugins, artifacts)
            target = LOGS / f"{number}-{name}.tar.xz"
            packed(log, artifacts, target)
            log.close()
            plugins.close()
        print(f"{target.name}: {found[name]['records']} records, {target.stat().st_size} bytes")
    text = json.dumps(found, indent=1, sort_keys=True) + "\n"
    (LOGS / f"{number}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()
